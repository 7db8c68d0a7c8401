"""What is made of training runs: pictures of what a network has learnt, as arrays. No widgets here."""

"""Parts that panels are built of: pictures of tensors, statistics, formulas, forms. None knows the session."""

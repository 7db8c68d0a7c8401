"""How large nodes are drawn, where their sockets sit and how wires run, in canvas units; shared by canvas and files.

Numbers only: nothing is painted here.
"""

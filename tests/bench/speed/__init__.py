"""How fast the desk is: data of a fixed shape, a real server, the operating system's own count of CPU time."""

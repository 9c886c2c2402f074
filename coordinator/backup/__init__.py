"""The whole coordinator in one encrypted file, and from there into a new folder, on whatever database."""

"""Files as tables of text: one reader per kind of file, all handing out `Chunk`s."""

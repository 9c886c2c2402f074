"""The contract on the wire: protocol buffers and the stubs made from them."""

"""What a local event did: the own figures before and after it, beside those of others in the same months."""

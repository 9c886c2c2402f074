"""Who a customer is, without saying so: normalised addresses and numbers, and the keyed ids made of them."""

"""Members and the other holders of certificates: invited, enrolled, recognised, and gone."""

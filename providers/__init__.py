"""Sources of data: one file each turns an outside answer into canonical frames for the store."""

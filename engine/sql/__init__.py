"""SQL over as-of views: what may be asked (``check``), what it is asked of (``views``), how (``run``, ``worker``)."""

"""Documents that are served: the bureau's .docx templates, checked on the way in, filled on the way out."""

-- The text of PDFs is searched too from now on: those that are known already are read once more.
UPDATE entries SET modified_ms = -1 WHERE NOT is_folder AND lower(CAST(substr(name, -4) AS TEXT)) = '.pdf';

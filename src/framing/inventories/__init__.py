"""Frame inventories as data: ``policy.json``, ``narrative.json`` and ``gun_violence.json``.

Each file is an object with ``name``, ``version``, ``source`` (the citation), ``licence`` and
``frames``: a list of objects with ``name`` (the label in every record), ``label`` (a title for
people; the first two), ``description``, ``seeds`` (words and two-word phrases that signal the frame, most
distinctive first) and ``negatives`` (words that look related but belong to another frame).
Descriptions and seeds were written for this library.
"""

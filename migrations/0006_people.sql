-- The key of the person behind an entry, by which it is searched. It is made where the entry is made, so that no database
-- has to know when two names are one person. Entries from before have none: there only case and space are looked through.

alter table audit.entry add column person text collate "C";

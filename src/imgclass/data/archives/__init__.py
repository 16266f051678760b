"""Archives in place of folders: zip and tar, unpacked safely."""

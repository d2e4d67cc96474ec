"""Writes small model folders with golden files, made by an implementation of their architectures that shares nothing with AttnGen's.

    python3 tools/reference tests/AttnGen.Models.Tests/Reference/models.zip
    python3 tools/reference /tmp/folders albert-sequence deit-with-teacher       # into a folder, some of them
    attngen verify /tmp/folders/albert-sequence
    python3 tools/reference decoders tests/AttnGen.Models.Tests/Reference/decoders.zip       # models that write; or a folder, and names
    python3 tools/reference check FOLDER...                                      # golden files of decoders, made by this tool or by another, once more

Needs Python 3.10 and numpy (pip install numpy), nothing else. A new architecture: a class in models.py, written from its published code, and folders in cases.py;
for a decoder a class in one of decoders*.py, and folders in decoder_cases.py; with an encoder before it, in halves.py and half_cases.py.
"""
import importlib.util
import os
import sys
import tempfile
import zipfile

if importlib.util.find_spec("numpy") is None:
    print("tools/reference: the Python package numpy is not installed; run: pip install numpy", file=sys.stderr)
    sys.exit(2)

import cases


def main(arguments):
    if arguments[:1] == ["check"]:
        if len(arguments) == 1:
            sys.exit(__doc__.strip())
        import check
        sys.exit(check.main(arguments[1:]))
    folders = cases.ALL
    if arguments[:1] == ["decoders"]:
        import decoder_cases
        import half_cases
        folders, arguments = decoder_cases.ALL + half_cases.ALL, arguments[1:]
    if not arguments or arguments[0].startswith("-"):
        sys.exit(__doc__.strip())
    target, wanted = arguments[0], arguments[1:]
    known = {folder.name: folder for folder in folders}
    assert len(known) == len(folders), "two folders of one name"
    if unknown := [name for name in wanted if name not in known]:
        sys.exit(f"There is no folder {', '.join(unknown)}; there are {', '.join(known)}.")
    chosen = [known[name] for name in wanted] or folders
    if not target.endswith(".zip"):
        for folder in chosen:
            folder.write(target)
        return
    with tempfile.TemporaryDirectory() as root:
        for folder in chosen:
            folder.write(root)
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            for path in sorted(os.path.join(place, file) for place, _, files in os.walk(root) for file in files):
                entry = zipfile.ZipInfo(os.path.relpath(path, root).replace(os.sep, "/"), (1980, 1, 1, 0, 0, 0))  # the same bytes every time
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                with open(path, "rb") as file:
                    archive.writestr(entry, file.read())
    print(f"{len(chosen)} folders, {os.path.getsize(target):,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Reads a file of this package with the official metadata library and lists what it finds.

    pip install tflite-support
    python packages/tflite/scripts/check_metadata.py detector.tflite
"""

import json
import sys
import zipfile

from tflite_support import metadata


def main() -> int:
    displayer = metadata.MetadataDisplayer.with_model_file(sys.argv[1])
    description = json.loads(displayer.get_metadata_json())
    files = displayer.get_packed_associated_file_list()
    print(f"name: {description.get('name')}")
    print(f"description: {description.get('description')}")
    print(f"parser version: {description.get('min_parser_version')}")
    for name in files:
        print(f"associated file: {name}, {len(displayer.get_associated_file_buffer(name))} bytes")
    with zipfile.ZipFile(sys.argv[1]) as archive:
        damaged = archive.testzip()
    print(f"archive: {'damaged at ' + damaged if damaged else 'whole'}")
    return 1 if damaged else 0


if __name__ == "__main__":
    sys.exit(main())

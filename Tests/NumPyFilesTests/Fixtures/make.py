"""Writes the files of this directory. They were written by NumPy 2.4.6, which made their bytes.

    python make.py
"""

import zipfile

import numpy as np


def sequence(count):
    """Numbers that the tests know too: 0 to 250, some of them repeated."""
    state, numbers = 1, []
    for _ in range(count):
        state = (state * 1103515245 + 12345) % 2**31
        numbers.append(numbers[-40] if state % 3 == 0 and len(numbers) >= 40 else (state >> 16) % 251)
    return np.array(numbers, dtype=np.uint8)


TYPES = ["b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8"]

# Every type, in both byte orders: 0 to 5, less 2 where there are signs, halved where there are halves.
for name in TYPES:
    values = np.arange(6).reshape(2, 3)
    values = values % 2 if name == "b1" else values - 2 if name[0] in "if" else values
    values = values / 2 if name[0] == "f" else values
    np.save(f"{name}.npy", values.astype(name))
    if name[1] != "1":
        np.save(f"{name}.big.npy", values.astype(">" + name))

np.save("limits.npy", np.array([-(2**63), 2**63 - 1], dtype="i8"))
np.save("halves.npy", np.array([65504, 2**-24, -0.0, np.inf, -np.inf, 1 / 3], dtype="f2"))
np.save("fortran.npy", np.asfortranarray(np.arange(24, dtype="i2").reshape(2, 3, 4)))
np.save("fortran.big.npy", np.asfortranarray(np.arange(6, dtype=">f4").reshape(3, 2)))
np.save("scalar.npy", np.array(7, dtype="i4"))
np.save("vector.npy", np.arange(5, dtype="u1"))
np.save("empty.npy", np.zeros((0, 3), dtype="f4"))
for version in (1, 2, 3):
    with open(f"version{version}.npy", "wb") as file:
        np.lib.format.write_array(file, np.arange(4, dtype="i4"), version=(version, 0))

# What isn't read.
np.save("complex.npy", np.zeros(2, dtype="c8"))
np.save("text.npy", np.array(["a", "b"]))
np.save("fields.npy", np.zeros(2, dtype=[("x", "f4"), ("y", "i4")]))

ARRAYS = {
    "b": np.arange(6, dtype="f4").reshape(2, 3),
    "a": np.arange(3, dtype="i1"),
    "größe": np.array(5, dtype="i8"),
}
np.savez("stored.npz", **ARRAYS)
# Deflate's three kinds of blocks: dynamic codes, fixed codes for what is small, and stored ones for noise.
np.savez_compressed(
    "compressed.npz",
    mixed=sequence(20000),
    zeros=np.zeros(100000, dtype="i1"),
    small=np.arange(3, dtype="i1"),
    noise=np.random.default_rng(1).integers(0, 256, 3000, dtype=np.uint8),
)
np.save("noise.npy", np.random.default_rng(1).integers(0, 256, 3000, dtype=np.uint8))
# The form of archives beyond 4 GiB, and a member that isn't an array.
zipfile.ZIP64_LIMIT = zipfile.ZIP_FILECOUNT_LIMIT = 0
np.savez("large-form.npz", **ARRAYS)
with zipfile.ZipFile("large-form.npz", "a") as archive:
    archive.writestr(zipfile.ZipInfo("note.txt"), "no array")

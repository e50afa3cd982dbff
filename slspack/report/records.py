"""The form of the manifest, schema `slspack-manifest/1`, as JSON has it."""

from __future__ import annotations

from typing import TypedDict

SCHEMA = "slspack-manifest/1"


class BuiltRecord(TypedDict):
    """How a wheel came to be that no index has. `image` and `compiler` are null where none was used."""

    builder: str
    source: str
    image: str | None
    compiler: str | None


class DistributionRecord(TypedDict):
    """One distribution inside an artifact. `bytes` is its unzipped size; `via` says who wants it.

    `built` is null for a wheel that was downloaded.
    """

    name: str
    version: str
    wheel: str
    sha256: str
    bytes: int
    direct: bool
    via: list[str]
    built: BuiltRecord | None


class ExcludedRecord(TypedDict):
    """What was left out of an artifact."""

    files: int
    bytes: int


class ImageLayerRecord(TypedDict):
    """A layer of an image that is not its base's; `digest` is of its uncompressed bytes."""

    holds: str
    digest: str
    bytes: int


class ImageRecord(TypedDict):
    """A container image; `digest` is what Docker calls its id."""

    reference: str
    digest: str
    base: str
    base_digest: str
    layers: list[ImageLayerRecord]


class FunctionRecord(TypedDict):
    """One function and its artifact. `sha256` is null where the artifact is a directory, `image` where it is none;
    `layers` are names.
    """

    artifact: str
    sha256: str | None
    bytes: int
    unzipped_bytes: int
    entries: int
    fingerprint: str
    handler: str
    runtime: str
    architecture: str
    modules: list[str]
    distributions: list[DistributionRecord]
    excluded: ExcludedRecord
    image: ImageRecord | None
    cached: bool
    layers: list[str]


class LayerRecord(TypedDict):
    """A layer and its artifact. What the configuration leaves open is null.

    `logical_id` is what the Serverless Framework calls its resource. A layer that is a folder, or is built of one,
    names it as `path`; one that is a folder has no runtime, architecture or distributions.
    """

    artifact: str
    sha256: str | None
    bytes: int
    unzipped_bytes: int
    entries: int
    fingerprint: str
    runtime: str | None
    architecture: str | None
    path: str | None
    distributions: list[DistributionRecord]
    functions: list[str]
    logical_id: str
    name: str | None
    description: str | None
    compatible_runtimes: list[str]
    compatible_architectures: list[str]
    license_info: str | None
    allowed_accounts: list[str]
    retain: bool
    cached: bool


class WarningRecord(TypedDict):
    """A warning; `file` and `line` are null where it has no place."""

    code: str
    message: str
    file: str | None
    line: int | None


class ManifestRecord(TypedDict):
    """The manifest as JSON has it."""

    schema: str
    slspack: str
    service: str
    stage: str
    functions: dict[str, FunctionRecord]
    layers: dict[str, LayerRecord]
    warnings: list[WarningRecord]
    timings: dict[str, float]

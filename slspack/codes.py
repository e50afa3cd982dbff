"""The code of each kind of error and warning; every one has a page of the same name in `docs/errors/`."""

from __future__ import annotations

from enum import Enum


class Code(Enum):
    """A kind of finding. The number never changes its meaning; the title heads the page in the documentation."""

    # 01xx: configuration
    CONFIG_NOT_FOUND = ("SLS0101", "No configuration file")
    CONFIG_SYNTAX = ("SLS0102", "Configuration file cannot be parsed")
    UNKNOWN_KEY = ("SLS0103", "Unknown key among slspack's settings")
    BAD_VALUE = ("SLS0104", "Value of the wrong kind")
    VARIABLE_CYCLE = ("SLS0105", "Variables refer to each other in a circle")
    VARIABLE_UNRESOLVED = ("SLS0106", "A needed value depends on a variable that cannot be resolved here")
    VARIABLE_SYNTAX = ("SLS0107", "Variable cannot be parsed")
    NO_SUCH_FUNCTION = ("SLS0108", "No such function")
    UNSUPPORTED_RUNTIME = ("SLS0109", "Runtime or architecture not supported")
    DEPRECATED_RUNTIME = ("SLS0110", "Runtime deprecated by AWS")
    BAD_HANDLER = ("SLS0111", "Handler is not of the form module.attribute")
    INCLUDE_NOT_FOUND = ("SLS0112", "Included file not found")
    MIXED_TARGETS = ("SLS0113", "One service package for functions of different targets")
    FUNCTION_LEFT_ALONE = ("SLS0114", "Function left alone")
    NO_FUNCTIONS = ("SLS0115", "No Python function to bundle")
    REQUIRED_MISSING = ("SLS0116", "A required setting is missing")
    PATTERNS_WITHOUT_EFFECT = ("SLS0117", "Patterns of a function that shares its package")
    INHERITED_UNKNOWN = ("SLS0118", "Not an option of serverless-python-requirements")
    INHERITED_IDLE = ("SLS0119", "Options of serverless-python-requirements that nothing here needs")
    HANDED_OVER = ("SLS0120", "What the deploy tool hands over cannot be read")
    PLUGIN_VERSION = ("SLS0121", "Plugin and slspack do not fit each other")

    HOOK_FAILED = ("SLS0130", "Hook of the service failed")
    TOOL_QUERY = ("SLS0131", "A deploy tool's question cannot be read")

    # 015x: coming from another tool
    INHERITED_REFUSED = ("SLS0150", "Option of serverless-python-requirements that is not supported")
    NOT_MIGRATED = ("SLS0151", "Configuration cannot be edited")

    # 016x: layers of templates
    LAYER_LEFT_ALONE = ("SLS0160", "Layer left alone")
    LAYERS_NOT_LISTED = ("SLS0161", "Layers of a function that nothing can be added to")

    # 02xx: requirements and lock
    REQUIREMENT_SYNTAX = ("SLS0201", "Requirement cannot be parsed")
    REQUIREMENTS_NOT_FOUND = ("SLS0202", "Requirements file not found")
    UNRESOLVABLE = ("SLS0203", "Requirements cannot be resolved")
    RESOLVER_MISSING = ("SLS0204", "Resolver not installed")
    UNSUPPORTED_REQUIREMENT = ("SLS0205", "Kind of requirement not supported")
    HASH_REQUIRED = ("SLS0206", "Requirement without a hash beside hashed ones")
    LOCK_INVALID = ("SLS0207", "Lock file cannot be read")
    LOCK_STALE = ("SLS0208", "Lock file does not match the requirements")
    SEVERAL_SOURCES = ("SLS0209", "Several requirement sources present")
    NO_SUCH_GROUP = ("SLS0210", "No such dependency group or extra")
    CONFLICTING_PINS = ("SLS0211", "Two pins for one distribution")
    NOT_LOCKED = ("SLS0212", "Project without a lock file")
    NEEDS_LOCK = ("SLS0213", "Requirement that only a lock file can express")
    LOCK_OUT_OF_DATE = ("SLS0214", "Lock file is out of date")
    NOT_OURS = ("SLS0215", "File that slspack has not written")
    NOT_IN_LOCK = ("SLS0216", "Distribution to upgrade is in no lock")
    UNKNOWN_INDEX = ("SLS0217", "Index of that name not known")
    PIP_ARGUMENT = ("SLS0218", "Argument for pip without a meaning here")

    # 03xx: tracing
    HANDLER_NOT_FOUND = ("SLS0301", "Handler's module not found")
    HANDLER_ATTRIBUTE = ("SLS0302", "Handler's attribute not found in its module")
    SYNTAX_ERROR = ("SLS0303", "Source file cannot be parsed")
    SHADOWS_STDLIB = ("SLS0304", "Module shadows the standard library")
    SHADOWS_DISTRIBUTION = ("SLS0305", "Module shadows a distribution")
    DYNAMIC_IMPORT = ("SLS0306", "Import whose name is known only at run time")
    RELATIVE_IMPORT = ("SLS0307", "Relative import climbs above its package")
    UNREADABLE_SOURCE = ("SLS0308", "Source file cannot be read")
    NEWER_SYNTAX = ("SLS0309", "Syntax newer than the Python that runs slspack")
    MODULE_NOT_FOUND = ("SLS0310", "First-party module not found")

    # 04xx: closure
    NOT_LISTED = ("SLS0401", "Imported but not listed")
    ONLY_TRANSITIVE = ("SLS0402", "Used only through another distribution's dependency")
    NOT_USED = ("SLS0403", "Listed but not used")
    DEVELOPMENT_ONLY = ("SLS0404", "Listed in a development group but imported at run time")
    OPTIONAL_IMPORT_KEPT = ("SLS0405", "Kept only for an optional import")
    AMBIGUOUS_OWNER = ("SLS0406", "Several distributions provide a module")
    LAYER_MAY_PROVIDE = ("SLS0407", "Imported, not listed, but a layer may provide it")
    UNKNOWN_DISTRIBUTION = ("SLS0408", "Settings name a distribution that is not in the lock")
    MISSING_DEPENDENCY = ("SLS0409", "A distribution needs another that the lock does not hold")

    # 05xx: indexes and wheels
    NO_FITTING_WHEEL = ("SLS0501", "No wheel fits the target")
    HASH_MISMATCH = ("SLS0502", "Hash does not match")
    DOWNLOAD_FAILED = ("SLS0503", "Download failed")
    BAD_WHEEL = ("SLS0504", "Wheel is malformed")
    UNSAFE_MEMBER = ("SLS0505", "Archive member climbs out of the root")
    INDEX_UNREACHABLE = ("SLS0506", "Package index cannot be reached")
    NOT_IN_INDEX = ("SLS0507", "Distribution or file not found in any index")
    INDEX_FORBIDDEN = ("SLS0508", "Package index refused the credentials")
    PIP_CONFIG = ("SLS0509", "pip's configuration cannot be used")

    # 051x, 052x: building from source
    BUILD_FAILED = ("SLS0510", "Building a wheel failed")
    NOBODY_BUILDS = ("SLS0511", "No builder for what has to be built")
    SOURCE_UNAVAILABLE = ("SLS0512", "Source cannot be fetched")
    BAD_SOURCE = ("SLS0513", "Source cannot be unpacked or is not a Python project")
    BUILT_MISFIT = ("SLS0514", "Built wheel does not fit the target")
    NOT_REPRODUCIBLE = ("SLS0515", "A second build gave another wheel")
    BUILD_TOOL_MISSING = ("SLS0516", "A program that building needs is not installed")
    WITHOUT_EXTENSIONS = ("SLS0517", "Built without its extension modules")

    # 053x: wheels built in an image
    NO_DAEMON = ("SLS0530", "No Docker daemon answers")
    DAEMON_UNUSABLE = ("SLS0531", "Docker daemon cannot be used")
    DAEMON_DISK_FULL = ("SLS0532", "Docker daemon's disk is full")
    IMAGE_UNAVAILABLE = ("SLS0533", "Image cannot be pulled")
    IMAGE_NOT_BUILT = ("SLS0534", "Dockerfile cannot be built")
    IMAGE_UNFIT = ("SLS0535", "Image does not fit the target")
    DOCKER_OPTION = ("SLS0536", "Docker option that cannot be passed on")
    CONTAINER_LOST = ("SLS0537", "Container ended before its build did")
    SSH_NOT_READY = ("SLS0538", "SSH is not ready for a build that fetches")
    LIBRARY_NOT_GRAFTED = ("SLS0539", "Shared library cannot be grafted")
    EXTRA_FILE_MISSING = ("SLS0540", "Extra file is not in the image")
    IMAGE_REFUSED = ("SLS0541", "Daemon does not take an image")

    # 055x: wheels cross-compiled
    CROSS_BACKEND = ("SLS0550", "Build backend cannot be driven to cross-compile")

    # 06xx: plan and artifact
    COLLISION = ("SLS0601", "Two sources want the same file")
    SYMLINK_ESCAPES = ("SLS0602", "Symbolic link leaves the service")
    DISK_FULL = ("SLS0603", "Artifact cannot be written")
    FILE_CHANGED = ("SLS0604", "File changed during the build")
    PATTERN_UNUSED = ("SLS0605", "Pattern matches nothing")
    CASE_COLLISION = ("SLS0606", "Two names differ only in case")
    PATTERN_REMOVES_MODULE = ("SLS0607", "Pattern removes a module that the handler reaches")
    SHARED_FILE = ("SLS0608", "File of several sources kept once")
    UNUSABLE_NAME = ("SLS0609", "File name that cannot stand in an archive")
    LAYER_CONFLICT = ("SLS0610", "Layer would hold two versions of a distribution")
    NO_SUCH_LAYER = ("SLS0611", "No such layer")
    LAYER_UNUSED = ("SLS0612", "Layer that no function uses")
    LAYER_EMPTY = ("SLS0613", "Layer that would hold nothing")
    LAYER_OUTSIDE = ("SLS0614", "Layer's folder lies outside the service")
    PACKAGE_SPLIT = ("SLS0615", "Package is split between a function and its layer")
    HANDLER_NOT_OURS = ("SLS0616", "Handler that nothing can be unpacked before")

    # 07xx: checks
    UNZIPPED_TOO_LARGE = ("SLS0701", "Larger than Lambda's unzipped limit")
    ZIPPED_TOO_LARGE = ("SLS0702", "Larger than Lambda's direct upload limit")
    NEAR_LIMIT = ("SLS0703", "Close to one of Lambda's limits")
    TOO_LARGE_TO_UNPACK = ("SLS0704", "Nested archive holds more than `/tmp` does")
    TOO_MANY_LAYERS = ("SLS0705", "More layers than a function may have")
    NATIVE_VERSION = ("SLS0710", "Native code needs a newer system library than the runtime has")
    NATIVE_MACHINE = ("SLS0711", "Native code for another machine")
    NATIVE_LIBRARY = ("SLS0712", "Shared library is neither in the runtime nor in the artifact")
    NATIVE_PYTHON = ("SLS0713", "Extension module for another Python")
    NATIVE_DAMAGED = ("SLS0714", "Native code cannot be loaded as it is")
    IMAGE_WITHOUT_CLIENT = ("SLS0715", "Nothing in an image calls the handler")

    # 08xx: plugins
    PLUGIN_NOT_FOUND = ("SLS0801", "Plugin not found")
    PLUGIN_NOT_LOADED = ("SLS0802", "Plugin cannot be loaded")
    PLUGIN_INTERFACE = ("SLS0803", "Plugin for another version of the interface")
    PLUGIN_HOOK = ("SLS0804", "Plugin implements a hook that is none")
    PLUGIN_FAILED = ("SLS0805", "Plugin failed")
    PLUGIN_ANSWER = ("SLS0806", "Plugin gave what its hook cannot give")
    PLUGIN_FINDING = ("SLS0807", "Found by a plugin")
    HANDLER_NOT_WRAPPED = ("SLS0808", "Handler cannot be wrapped")
    NO_COMPILING_PYTHON = ("SLS0840", "No Python to compile to byte code with")
    COMPILING_FAILED = ("SLS0841", "Compiling to byte code failed")
    LEFT_AS_SOURCE = ("SLS0842", "Source that does not compile")
    AWS_REFUSES = ("SLS0845", "AWS refuses or cannot be reached")
    DEPLOYED_NAME_UNKNOWN = ("SLS0846", "Name of a deployed function is not known")
    INIT_NAME = ("SLS0850", "Name cannot be a new package's")
    INIT_OCCUPIED = ("SLS0851", "Folder of a new package is there already")

    # 09xx: command line and machine
    INTERRUPTED = ("SLS0901", "Interrupted")
    INTERNAL = ("SLS0902", "slspack itself failed")
    USAGE = ("SLS0903", "Command line is wrong")
    STORE_UNUSABLE = ("SLS0905", "Store cannot be used")
    EXTRA_MISSING = ("SLS0906", "Optional part of slspack not installed")
    CANNOT_WATCH = ("SLS0907", "Files cannot be watched")

    @property
    def id(self) -> str:
        """`SLS0101`, as printed and as the page is named."""
        return self.value[0]

    @property
    def title(self) -> str:
        """One line that names the kind."""
        return self.value[1]

"""Settings of the whole test suite."""

from hypothesis import settings

# Compiling and a busy machine are no fault of an example; the same examples
# are drawn each time, so that a red run can be repeated.
settings.register_profile("toolbox", deadline=None, derandomize=True)
settings.load_profile("toolbox")

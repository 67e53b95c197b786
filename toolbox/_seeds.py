"""Random states as users give them, made into NumPy's own."""

import numpy as np


def as_seed_sequence(random_state):
    """Seeds to spawn from.

    Parameters
    ----------
    random_state : int, Generator, RandomState or None
        A generator is drawn from, so that the next call gives other seeds.

    Returns
    -------
    numpy.random.SeedSequence
    """
    if isinstance(random_state, np.random.RandomState):
        random_state = random_state.randint(2**31, size=4)
    elif isinstance(random_state, np.random.Generator):
        random_state = random_state.integers(2**31, size=4)
    return np.random.SeedSequence(random_state)


def as_generator(random_state):
    """A generator to draw from; one that is given is used itself.

    Parameters
    ----------
    random_state : int, Generator, RandomState or None

    Returns
    -------
    numpy.random.Generator
    """
    if isinstance(random_state, np.random.Generator):
        return random_state
    return np.random.default_rng(as_seed_sequence(random_state))

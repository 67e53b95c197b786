"""scikit-learn's own suite for every estimator."""

from sklearn.utils.estimator_checks import parametrize_with_checks

from toolbox.graph import InfoMap

POINTS = "feeds points in the plane as (n, 2) arrays, which a graph estimator reads as links"

EXPECTED_FAILURES = {"InfoMap": {"check_clustering": POINTS}}


def expected_failures(estimator):
    return EXPECTED_FAILURES.get(type(estimator).__name__, {})


@parametrize_with_checks([InfoMap()], expected_failed_checks=expected_failures)
def test_estimator(estimator, check):
    check(estimator)

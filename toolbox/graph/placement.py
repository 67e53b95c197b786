"""New nodes in the modules of a fitted estimator."""

import numpy as np
from scipy import sparse
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from toolbox.graph._placement import place_node


class PlacementMixin:
    """The method ``predict`` of an estimator of communities.

    Its ``fit`` sets ``labels_`` and ``levels_``, and keeps the Code in ``_code``,
    in ``_total_weight`` the link weight that a rate of 1 stands for, in
    ``_markov_time`` that of the walk, and in ``_n_primary`` the number of primary
    nodes of a bipartite network, None of others.
    """

    def predict(self, X):
        """Module of new nodes, by least added code length.

        A new node is added to the fitted graph, by itself, with its links taken
        as two-way; it joins the module for which the code grows least.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (n_new, n_nodes)
            Weights of the links from each new node to the fitted ones.

        Returns
        -------
        labels : ndarray of shape (n_new,), int64
            -1 for a node without links.

        Raises
        ------
        ValueError
            For another number of columns, for weights that are negative or not
            finite, and in a bipartite network for links to nodes of both kinds.
        """
        check_is_fitted(self)
        if hasattr(self, "n_features_in_"):
            rows = validate_data(self, X, accept_sparse="csr", reset=False, dtype=np.float64)
        else:
            rows = check_array(X, accept_sparse="csr", dtype=np.float64)
        rows = sparse.csr_array(rows)
        if rows.shape[1] != len(self.labels_):
            raise ValueError(
                f"X must have a column for each fitted node: {len(self.labels_)}, "
                f"got {rows.shape[1]}"
            )
        if rows.nnz and not (rows.data.min() >= 0 and rows.data.max() < np.inf):
            raise ValueError("X must hold weights that are finite and not negative")
        labels = np.full(rows.shape[0], -1)
        for row in range(len(labels)):
            links = slice(rows.indptr[row], rows.indptr[row + 1])
            real = rows.data[links] > 0
            if real.any():
                nodes, weights = rows.indices[links][real], rows.data[links][real]
                scale, gains = self._steps(nodes)
                labels[row] = place_node(
                    self._code, self.levels_, self._total_weight, scale, gains, nodes, weights
                )
        return labels

    def _steps(self, nodes):
        """Scale and gains, as of ``place_node``, for links that lead to nodes."""
        scale, n_primary = self._markov_time, self._n_primary
        if n_primary is None:
            return scale, (1.0, 1.0)
        primary = nodes < n_primary
        if primary.any() and not primary.all():
            raise ValueError(
                "a new node of a bipartite network has links to primary nodes or to features, "
                "got both"
            )
        # Only primary nodes are visited, twice as often.
        return 2 * scale, ((0.0, 2.0) if primary[0] else (2.0, 0.0))

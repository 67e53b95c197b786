"""New nodes in the modules of a fitted estimator."""

import numpy as np
from scipy import sparse
from sklearn.utils import check_array
from sklearn.utils.validation import check_is_fitted, validate_data

from toolbox.graph._placement import place_node


class PlacementMixin:
    """The method ``predict`` of an estimator of communities.

    Its ``fit`` sets ``labels_`` and ``levels_``, and keeps the Code in ``_code``,
    in ``_total_weight`` the link weight that a rate of 1 stands for, and in
    ``_scale`` the Markov time.
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
                labels[row] = place_node(
                    self._code, self.levels_, self._total_weight, self._scale, nodes, weights
                )
        return labels

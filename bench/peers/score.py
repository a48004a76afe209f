"""Scores the rows of a batch of Arrow files with one method of another tool and writes scores and default flags as JSON."""

import argparse
import json
import pathlib

import numpy as np
import pyarrow as pa


def read(folder):
    tables = [pa.ipc.open_file(file).read_all() for file in sorted(pathlib.Path(folder).glob("*.arrow"))]
    return pa.concat_tables(tables)


def encode(table, dense):
    """TF-IDF for texts, pixels in 0..1 for images, standardised numbers and one-hot categories for tables."""
    from sklearn.compose import ColumnTransformer
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    if "text" in table.column_names:
        words = TfidfVectorizer(sublinear_tf=True, min_df=2).fit_transform(table["text"].to_pylist())
        return TruncatedSVD(100, random_state=0).fit_transform(words) if dense else words
    if "pixels" in table.column_names:
        return np.array(table["pixels"].to_pylist(), dtype=np.float32) / 255
    frame = table.drop_columns(["label"]).to_pandas()
    numbers = frame.select_dtypes("number").columns
    others = frame.columns.difference(numbers)
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("others", OneHotEncoder(handle_unknown="ignore", max_categories=50, sparse_output=False), others),
        ]
    ).fit_transform(frame)


def cleanlab(table, model, dense):
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    from sklearn.model_selection import StratifiedKFold, cross_val_predict
    from sklearn.preprocessing import LabelEncoder

    labels = LabelEncoder().fit_transform(table["label"].to_pylist())
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    given = cross_val_predict(model, encode(table, dense), labels, cv=folds, method="predict_proba")
    quality = get_label_quality_scores(labels, given, method="normalized_margin")
    return 1 - quality, find_label_issues(labels, given, n_jobs=1)


def logistic(table):
    from sklearn.linear_model import LogisticRegression

    return cleanlab(table, LogisticRegression(max_iter=1000), dense=False)


def boosting(table):
    from sklearn.ensemble import HistGradientBoostingClassifier

    return cleanlab(table, HistGradientBoostingClassifier(random_state=0), dense=True)


def pyod(table, detector):
    detector.fit(encode(table, dense=True))
    return detector.decision_scores_, detector.labels_


def forest(table):
    from pyod.models.iforest import IForest

    return pyod(table, IForest(random_state=0))


def ecod(table):
    from pyod.models.ecod import ECOD

    return pyod(table, ECOD())


def neighbours(table):
    from pyod.models.knn import KNN

    return pyod(table, KNN())


METHODS = {
    "cleanlab-logistic": logistic,
    "cleanlab-boosting": boosting,
    "pyod-iforest": forest,
    "pyod-ecod": ecod,
    "pyod-knn": neighbours,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("batch")
    parser.add_argument("out")
    given = parser.parse_args()
    scores, flagged = METHODS[given.method](read(given.batch))
    result = {"scores": [float(score) for score in scores], "flagged": [bool(flag) for flag in flagged]}
    pathlib.Path(given.out).write_text(json.dumps(result))

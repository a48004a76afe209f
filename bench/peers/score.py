"""Scores the rows of a batch with one method of another tool and writes scores and default flags as JSON."""

import argparse
import json
import pathlib

import numpy as np
import pyarrow as pa
import pyarrow.parquet


def read(batch):
    if batch.is_file():
        return pa.parquet.read_table(batch)
    return pa.concat_tables(pa.ipc.open_file(file).read_all() for file in sorted(batch.glob("*.arrow")))


def encode(table, dense):
    """TF-IDF for texts, lists as they are (pixels in 0..1), standardised numbers and one-hot categories for tables."""
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
        return matrix(table["pixels"]) / 255
    if "embedding" in table.column_names:
        return StandardScaler().fit_transform(matrix(table["embedding"]))
    frame = table.to_pandas().drop(columns="label", errors="ignore")
    numbers = frame.select_dtypes("number").columns
    others = frame.columns.difference(numbers)
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            ("others", OneHotEncoder(handle_unknown="ignore", max_categories=50, sparse_output=False), others),
        ]
    ).fit_transform(frame)


def matrix(lists):
    return np.array(lists.to_pylist(), dtype=np.float32)


def confident_learning(table, probabilities_of):
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores
    from sklearn.preprocessing import LabelEncoder

    labels = LabelEncoder().fit_transform(table["label"].to_pylist())
    probabilities = probabilities_of(labels)
    quality = get_label_quality_scores(labels, probabilities, method="normalized_margin")
    return 1 - quality, find_label_issues(labels, probabilities, n_jobs=1)


def cleanlab(table, model, dense):
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    features = encode(table, dense)
    return confident_learning(
        table, lambda labels: cross_val_predict(model, features, labels, cv=folds, method="predict_proba")
    )


def logistic(table):
    from sklearn.linear_model import LogisticRegression

    return cleanlab(table, LogisticRegression(max_iter=1000), dense=False)


def boosting(table):
    from sklearn.ensemble import HistGradientBoostingClassifier

    return cleanlab(table, HistGradientBoostingClassifier(random_state=0), dense=True)


def given(table):
    return confident_learning(table, lambda _: matrix(table["pred_probs"]))


def datalab(table):
    from cleanlab import Datalab

    lab = Datalab({"row": list(range(table.num_rows))}, verbosity=0)
    lab.find_issues(features=np.asarray(encode(table, dense=True)), issue_types={"outlier": {}})
    issues = lab.get_issues("outlier")
    return 1 - issues["outlier_score"], issues["is_outlier_issue"]


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


class HiddenLayer:
    """What ART's defences ask of a neural network: here scikit-learn's, of one hidden layer, which needs no framework."""

    layer_names = ["hidden"]

    def __init__(self, features, labels):
        from sklearn.neural_network import MLPClassifier

        self.network = MLPClassifier((128,), max_iter=30, random_state=0).fit(features, labels)
        self.nb_classes = len(self.network.classes_)

    def get_activations(self, x, layer, batch_size, framework=False):
        return np.maximum(0, x @ self.network.coefs_[0] + self.network.intercepts_[0])


def trained(table):
    from sklearn.preprocessing import LabelEncoder

    features = np.asarray(encode(table, dense=True), dtype=np.float32)
    labels = LabelEncoder().fit_transform(table["label"].to_pylist())
    classifier = HiddenLayer(features, labels)
    return classifier, features, np.eye(classifier.nb_classes)[labels]


def activation(table):
    from art.defences.detector.poison import ActivationDefence

    _, is_clean = ActivationDefence(*trained(table)).detect_poison(nb_clusters=2, nb_dims=10, reduce="PCA")
    flagged = 1 - np.asarray(is_clean)
    return flagged, flagged


def spectral(table):
    from art.defences.detector.poison import SpectralSignatureDefense

    classifier, features, targets = trained(table)
    defence = SpectralSignatureDefense(classifier, features, targets)
    _, is_clean = defence.detect_poison()
    hidden, scores = classifier.get_activations(features, 0, 128), np.zeros(len(features))
    for own in (targets == 1).T:
        scores[own] = defence.spectral_signature_scores(hidden[own]).ravel()
    return scores, 1 - np.asarray(is_clean)


METHODS = {
    "art-activation": activation,
    "art-spectral": spectral,
    "cleanlab-logistic": logistic,
    "cleanlab-boosting": boosting,
    "cleanlab-given": given,
    "datalab-outlier": datalab,
    "pyod-iforest": forest,
    "pyod-ecod": ecod,
    "pyod-knn": neighbours,
}

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("batch", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    asked = parser.parse_args()
    scores, flagged = METHODS[asked.method](read(asked.batch))
    result = {"scores": [float(score) for score in scores], "flagged": [bool(flag) for flag in flagged]}
    asked.out.write_text(json.dumps(result))

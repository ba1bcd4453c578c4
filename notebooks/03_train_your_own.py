# %% [markdown]
# # Training your own
# Fact or opinion, learned from labels of your own. Here the labels are those of the sample articles; the models that
# ship have not learned from them.

# %%
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold, cross_val_predict

from framing import OpinionClassifier
from framing.datasets import load_sample

sample = load_sample()
texts, labels, groups = [], [], []
for key, text in zip(sample.ids, sample.texts, strict=True):
    for start, end, label in sample.statements[key]:
        if label != "frame":  # words that only introduce somebody: no statement
            texts.append(text[start:end])
            labels.append(label.split("_")[1])
            groups.append(key)

folds = GroupKFold(n_splits=4)  # an article is never on both sides
predicted = cross_val_predict(OpinionClassifier(), texts, labels, groups=groups, cv=folds)
majority = max(set(labels), key=labels.count)
print(f"{len(texts)} statements of {len(set(groups))} articles")
print(f"macro-F1, always saying {majority!r}: {f1_score(labels, [majority] * len(labels), average='macro'):.2f}")
print(f"macro-F1, learned:                {f1_score(labels, predicted, average='macro'):.2f}")

# %% [markdown]
# Now learn from everything, and ask for reasons. The words' values and the intercept add up to the score.

# %%
mine = OpinionClassifier().fit(texts, labels)
sentence = "The shameful plan will ruin the harbour for good."
print(dict(zip(mine.classes_.tolist(), mine.predict_proba([sentence])[0].round(2).tolist(), strict=True)))
for part in sorted(mine.explain(sentence).contributions, key=lambda part: -abs(part.value))[:5]:
    print(f"{part.value:+.2f}  {part.text}")

# %% [markdown]
# Put it to work: everything else stays as it ships.

# %%
import framing  # noqa: E402

analyzer = framing.Analyzer(opinion=mine)
print(analyzer.analyze(sample.texts[5]).summary()["share"])

# %% [markdown]
# # Your own frames
# Five ways to talk about schools, from a few words each; no labels. Which of them do the articles on schools use?

# %%
from framing import Frame, FrameClassifier
from framing.datasets import load_sample

schools = FrameClassifier(
    [
        Frame("money", seeds=("cost", "budget", "funding", "pay", "price", "savings", "tax")),
        Frame("learning", seeds=("reading", "score", "scores", "exam", "lessons", "teaching", "tutor")),
        Frame("fairness", seeds=("unfair", "equal", "inequality", "poorer", "disadvantaged", "privilege")),
        Frame("choice", seeds=("parents", "choose", "choice", "voucher", "vouchers", "private")),
        Frame("wellbeing", seeds=("sleep", "tired", "stress", "anxiety", "health", "tears")),
    ]
)
sample = load_sample()
chosen = [number for number, topic in enumerate(sample.topics) if topic == "education"]
scores = schools.predict_proba([sample.texts[number] for number in chosen])  # articles × frames, 0 to 1
print(f"{'':16}", *(f"{name:>9}" for name in schools.classes_))
for number, row in zip(chosen, scores, strict=True):
    print(f"{sample.ids[number]:16}", *(f"{score:9.2f}" for score in row))

# %% [markdown]
# The level of such scores is rough until you add labels (`schools.fit`); their order is what to read. Why is the
# column on vouchers what it is? Ask.

# %%
column = sample.texts[sample.ids.index("voucher-column")]
for part in sorted(schools.explain(column, "choice").contributions, key=lambda part: -part.value)[:5]:
    print(f"{part.value:+.2f}  {part.text}")

# %% [markdown]
# Inside an analysis the new frames stand beside those that ship, by voice: does the writer bring
# up choice, or a source?

# %%
from framing import Analyzer  # noqa: E402

doc = Analyzer(frames={"schools": schools}).analyze(column)
for voice, frames in doc.frames.by_voice["schools"].items():
    print(voice, frames.top(2))

import numpy as np
import pytest

from framing.codebook import FRAC, load_inventory, roll_up

POLICY = [frame.name for frame in load_inventory("policy")]


def test_inventories_have_the_labels_of_the_record():
    assert POLICY == [
        "economic", "capacity_and_resources", "morality", "fairness_and_equality",
        "legality_constitutionality_and_jurisprudence", "policy_prescription_and_evaluation", "crime_and_punishment",
        "security_and_defense", "health_and_safety", "quality_of_life", "cultural_identity", "public_opinion",
        "political", "external_regulation_and_reputation",
    ]  # fmt: skip
    narrative = [frame.name for frame in load_inventory("narrative")]
    assert narrative == ["conflict", "human_interest", "economic", "morality", "resolution"]


def test_every_inventory_describes_its_frames_and_has_seeds():
    for frame in load_inventory("gun_violence"):
        assert len(frame.description) > 60
        assert len(frame.seeds) > 20


def test_an_unknown_inventory_is_refused():
    with pytest.raises(ValueError, match="must be one of policy, narrative, gun_violence"):
        load_inventory("tone")


def test_every_policy_frame_has_one_place_among_the_nine():
    assert sorted(label for members in FRAC.values() for label in members) == sorted(POLICY)
    assert len(FRAC) == 9


def test_a_group_is_present_where_one_of_its_labels_is():
    scores = np.zeros((1, 14))
    scores[0, POLICY.index("crime_and_punishment")] = 0.6
    assert roll_up(scores, POLICY)[0].tolist() == [0, 0, 0, 0.6, 0, 0, 0, 0, 0]


def test_exclusive_labels_add_up():
    assert roll_up([[0.2, 0.3, 0.5]], "abc", {"ab": "ab", "c": "c"}, exclusive=True).tolist() == [[0.5, 0.5]]


def test_wrong_tables_and_groups_are_refused():
    with pytest.raises(ValueError, match="a column for each of the 3 labels"):
        roll_up([[0.1, 0.2]], "abc", {"a": "a"})
    with pytest.raises(ValueError, match="groups names d; the labels are a, b, c"):
        roll_up([[0.1, 0.2, 0.3]], "abc", {"x": "ad"})

"""What a review or plan ticket says: the figure with its interval, and what lies behind it.

It is written once, when the ticket is opened, from what was known then; whoever doubts it can have every
number told again by `statement`.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from connector.history.misses import Misses
from connector.model import PxFigure
from connector.rules.contract import Happening, Plan
from connector.rules.experience import formula, px_text, sentiment, standing
from connector.rules.experience.chance import ALPHA, ALPHA_OF_FEW, FEW
from connector.rules.lines import moment, zone_named
from connector.rules.policy import Policy, PxRule
from connector.store.ratings import Entry

UNHAPPY = 20
"""Unhappy ratings that are told one by one; the rest are counted."""
COMMENT = 200  # characters of a comment


def sentence(figure: PxFigure, rule: PxRule) -> str:
    """A figure in one plain sentence, with n, interval and what chance leaves of it."""
    if figure.percent is None or figure.low is None or figure.high is None:
        return "Nobody has rated yet, so there is no PX."
    said = (
        f"PX is {px_text(figure)}: {figure.positive} happy, {figure.neutral} neutral, {figure.negative} "
        f"unhappy answers; with so many it truly lies between {figure.low:.0f} and {figure.high:.0f} % "
        f"(95 % interval)."
    )
    stands = standing(figure, rule.target)
    if stands is None or not stands.below:
        return said
    if stands.sure:
        return f"{said} Chance cannot explain a PX so far below {rule.target:g} %."
    answers = f"{stands.needed} more answer{'s' if stands.needed != 1 else ''}"
    more = f"; about {answers} would decide" if stands.needed else ""
    return f"{said} Chance alone could still explain it (p = {stands.p:.3f}){more}."


def review_text(
    policy: Policy, happening: Happening, answers: Sequence[Entry], missed: Misses | None = None
) -> str:
    """The text of a review's ticket. `answers`: the counted ones of its window, oldest first.

    `missed`: the promises that were not kept in it; None where nobody has looked.
    """
    zone = zone_named(policy.calendar.timezone)
    return "\n".join(
        [
            f"{policy.client} was promised a PX of {policy.px.target:g} % and it fell below on "
            f"{moment(happening.at, zone)}.",
            sentence(happening.figure, policy.px),
            f"How it is worked out: {formula(policy.px)}.",
            "",
            *_unhappy(policy, answers, zone),
            *(("", *missed.told()) if missed else ()),
            "",
            "Close this ticket when the review has been held with the client.",
        ]
    )


def plan_text(policy: Policy, happening: Happening, plan: Plan) -> str:
    """The text of a plan's ticket: why it opened and the test that ends it, fixed today."""
    zone, rule = zone_named(policy.calendar.timezone), plan.terms
    because = (
        f"{happening.by} has decided so{': ' + happening.why if happening.why else ''}."
        if happening.by
        else f"{policy.client}'s PX is below {rule.px.target:g} %."
    )
    exit_test = (
        f"PX of the answers given during the plan is at least {rule.px.target:g} %"
        if rule.plan.exit == "strict"
        else f"PX of the answers given during the plan is not below {rule.px.target:g} % beyond chance "
        f"({100 * ALPHA:g} %, of fewer than {FEW} answers {100 * ALPHA_OF_FEW:g} %)"
    )
    days = ", ".join(str(day) for day in rule.plan.checkpoints)
    return "\n".join(
        [
            f"An improvement plan of {rule.plan.days} days, until {moment(plan.ends_at(), zone)}. {because}",
            sentence(happening.figure, rule.px),
            f"The test on day {rule.plan.days}, fixed today: {exit_test} "
            f"(at least {rule.px.min_answers} answers; with fewer the verdict waits for them).",
            f"Checkpoints on day {days}; PX of the plan is noted here every week."
            if days
            else "PX of the plan is noted here every week.",
            "If the test fails, the client's right to leave is active from that day.",
        ]
    )


def note_text(policy: Policy, happening: Happening) -> str:
    """The line noted on the plan's or review's ticket when something happens to it."""
    return told(policy.client, policy.px.target, happening)


def told(client: str, promised: float, happening: Happening) -> str:
    """What happened to a contract with a review, in one line; `promised`: PX in per cent."""
    figure = px_text(happening.figure) or "no answers yet"
    target = f"{promised:g} %"
    by = f" by {happening.by}" if happening.by else ""
    why = f" ({happening.why})" if happening.why else ""
    return {
        "review_opened": f"PX fell below {target}: a service review was opened.",
        "plan_opened": f"An improvement plan was opened{by}{why}.",
        "review_closed": f"The review is over{by}{why}. PX was {figure}.",
        "checkpoint": f"Day {happening.day}, checkpoint: PX of the plan so far {figure}.",
        "score_line": f"Day {happening.day}: PX of the plan so far {figure}.",
        "plan_recovered": f"Day {happening.day}, verdict: recovered. PX of the plan {figure}; it is closed.",
        "plan_failed": f"Day {happening.day}, verdict: not recovered. PX of the plan {figure}. "
        f"{client}'s right to leave is active from today.",
        "release_ended": f"{client}'s right to leave has ended{by}{why}.",
        "reward_due": f"{client}'s PX is {figure}, promised {target}: a reward is due.",
    }[happening.kind]


def _unhappy(policy: Policy, answers: Sequence[Entry], zone: ZoneInfo) -> list[str]:
    """Who was unhappy, the last one first."""
    negative = [one for one in answers if sentiment(one.rating, policy.px) == "negative"][::-1]
    if not negative:
        return ["No answer of the window was unhappy; neutral ones count against PX here."]
    lines = [f"{len(negative)} unhappy answers, the latest first:"]
    for one in negative[:UNHAPPY]:
        about = f"ticket {one.ticket_id}" if one.ticket_id else "the desk as a whole"
        said = " ".join(one.rating.comment.split())
        said = f": “{said[:COMMENT]}{'…' if len(said) > COMMENT else ''}”" if said else ""
        lines.append(
            f"- {moment(one.rating.at, zone)}, {about}, {one.rating.score:g} of {one.rating.scale:g}{said}"
        )
    if len(negative) > UNHAPPY:
        lines.append(f"- and {len(negative) - UNHAPPY} more")
    return lines

"""What the made-up customers say: help-desk tickets, reviews of orders and CRM deals."""

from datetime import date

import numpy as np
import pandas as pd

from aar_platform.sandbox.marketing import offset
from aar_platform.sandbox.records import OWNERS, stamp

# Of the customers who drop out, how many complain in the three weeks before.
COMPLAINT_SHARE = 0.35

_TOPICS = ("delivery", "damaged", "invoice", "return", "advice")
# By topic: subject, an unhappy, a neutral and a happy text.
_ENGLISH = {
    "delivery": (
        "Where is my parcel?",
        "Two weeks and still nothing. This is unacceptable, I will not order again.",
        "The tracking has not moved since Monday. Could you have a look?",
        "It came a day late, but the courier was lovely. Thank you for the quick answer!",
    ),
    "damaged": (
        "Item arrived broken",
        "The lamp was smashed, and nobody answers my calls. Terrible service.",
        "One of the plates has a chip. What do you need from me for a replacement?",
        "One glass was cracked and you replaced it within two days. Excellent.",
    ),
    "invoice": (
        "Question about my invoice",
        "I was charged twice and you keep sending the same standard reply. Very disappointing.",
        "Please send the invoice again with our VAT number.",
        "Thanks for correcting the invoice so fast, perfect.",
    ),
    "return": (
        "Return of my order",
        "The return label does not work and I have waited a month for my money. Awful.",
        "I would like to return the cushion covers. How does it work?",
        "Returning was easy and the money was back at once. Great!",
    ),
    "advice": (
        "Question before I order",
        "Your product page is wrong and the bench does not fit. I feel misled.",
        "Is the linen throw machine washable?",
        "Your advice on the curtains was spot on, they look beautiful.",
    ),
}
_CHINESE = {
    "delivery": (
        "我的包裹在哪里？",
        "等了两个星期还没有收到，太让人失望了，再也不买了。",
        "物流信息从周一开始就没有更新，请帮忙查一下。",
        "虽然晚了一天，但是客服回复很快，非常感谢！",
    ),
    "damaged": (
        "收到的商品破损",
        "台灯完全碎了，电话也没有人接，服务太差。",
        "有一个盘子有缺口，换货需要提供什么？",
        "有一个杯子裂了，两天之内就补发了，非常满意。",
    ),
    "invoice": (
        "关于发票的问题",
        "重复扣款，每次都是同样的自动回复，非常生气。",
        "请重新开具发票，并注明我们的税号。",
        "发票很快就更正了，服务很好。",
    ),
    "return": (
        "退货申请",
        "退货单无法使用，一个月了还没有收到退款，太糟糕了。",
        "我想退回靠垫套，请问怎么操作？",
        "退货很方便，退款马上就到账了，好评！",
    ),
    "advice": (
        "购买前咨询",
        "商品介绍有错误，长凳尺寸不合适，感觉被骗了。",
        "亚麻毯子可以机洗吗？",
        "推荐的窗帘非常合适，很漂亮，谢谢！",
    ),
}
_REVIEWS_ENGLISH = (
    (
        "Broke after a week. Do not buy.",
        "Looks cheap and the colour is wrong. Very disappointed.",
        "Arrived damaged and support was no help.",
    ),
    (
        "It is all right for the price.",
        "Nice, but smaller than I expected.",
        "Does what it should.",
    ),
    (
        "Beautiful, exactly as pictured!",
        "Great quality and quick delivery. I love it.",
        "My third order here and again excellent.",
    ),
)
_REVIEWS_CHINESE = (
    (
        "用了一个星期就坏了，不要买。",
        "质量很差，颜色和图片不一样，很失望。",
        "包装破损，客服也不解决问题。",
    ),
    ("价格还可以，一般般。", "不错，就是比想象的小一点。", "能用，没有特别的感觉。"),
    ("非常漂亮，和图片一模一样！", "质量很好，物流也快，很喜欢。", "第三次购买了，一如既往地好。"),
)


def draw_tickets(
    rng: np.random.Generator, users: pd.DataFrame, buyers: pd.DataFrame, start: date, days: int
) -> pd.DataFrame:
    """`helpdesk/tickets.jsonl.gz`, in UTC. Unhappy ones gather before a drop-out."""
    person = users["person"].to_numpy()
    begin = np.clip(offset(users["created_at"], start), 0, days - 1)
    gone = buyers["dropped_out"].to_numpy()[person]
    end = np.clip(gone, begin, days - 0.01)
    count = rng.poisson(0.4 + (end - begin) / 300)
    row = np.repeat(np.arange(len(users)), count)
    day = begin[row] + rng.random(len(row)) * (end - begin)[row]
    mood = rng.choice(3, len(row), p=(0.22, 0.48, 0.30))
    leaving = np.flatnonzero((gone < days) & (gone > begin + 21))
    leaving = leaving[rng.random(len(leaving)) < COMPLAINT_SHARE]
    row = np.concatenate([row, leaving])
    day = np.concatenate([day, gone[leaving] - 21 * rng.random(len(leaving))])
    mood = np.concatenate([mood, np.zeros(len(leaving), int)])
    order = np.argsort(day, kind="stable")
    row, day, mood = row[order], day[order], mood[order]
    n = len(row)
    topic = rng.integers(0, len(_TOPICS), n)
    chinese = (users["country"].to_numpy(object)[row] == "CN") & (rng.random(n) < 0.9)
    parts = np.array(
        [
            [[_texts[t][0], _texts[t][1 + m]] for t in _TOPICS for m in range(3)]
            for _texts in (_ENGLISH, _CHINESE)
        ],
        object,
    )
    said = parts[chinese.astype(int), topic * 3 + mood]
    opened = pd.Series(np.datetime64(start, "s") + (day * 86400).astype("timedelta64[s]"))
    replied = opened + pd.to_timedelta((rng.lognormal(9.2, 1.1, n)).astype(int), unit="s")
    solved = replied + pd.to_timedelta((rng.lognormal(10.5, 1.2, n)).astype(int), unit="s")
    last = pd.Timestamp(start) + pd.Timedelta(days=days)
    is_solved = (solved < last).to_numpy() & (rng.random(n) < 0.96)
    score = np.clip(np.array([1, 3, 5])[mood] + rng.integers(-1, 2, n), 1, 5)
    rated = is_solved & (rng.random(n) < 0.55)
    pattern = "%Y-%m-%dT%H:%M:%SZ"
    nothing = np.array(None, object)
    return pd.DataFrame(
        {
            "id": [f"T{30_001 + i}" for i in range(n)],
            "requester_id": users["record_id"].to_numpy(object)[row],
            "subject": said[:, 0],
            "description": said[:, 1],
            "type": np.array(_TOPICS, object)[topic],
            "priority": rng.choice(
                np.array(["low", "normal", "high"], object), n, p=(0.2, 0.6, 0.2)
            ),
            "via": rng.choice(np.array(["email", "web", "chat", "phone"], object), n),
            "status": np.where(is_solved, "solved", "open"),
            "assignee": np.array(OWNERS, object)[rng.integers(0, len(OWNERS), n)],
            "created_at": stamp(opened, pattern),
            "first_reply_at": np.where(replied < last, stamp(replied, pattern), nothing),
            "solved_at": np.where(is_solved, stamp(solved, pattern), nothing),
            "satisfaction": np.where(rated, score.astype(object), nothing),
        }
    )


def draw_reviews(
    rng: np.random.Generator, orders: pd.DataFrame, shop: pd.DataFrame, start: date, days: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`reviews/reviews-zh.csv` of the Chinese shop and `reviews/reviews-en.csv` of the others."""
    bought = orders[(orders["person"] >= 0) & ~orders["is_cancellation"]]
    rated = bought[rng.random(len(bought)) < 0.06]
    when = rated["moment"].to_numpy() + rng.integers(3 * 86400, 20 * 86400, len(rated))
    rated, when = rated[when < days * 86400], when[when < days * 86400]
    score = rng.choice((1, 2, 3, 4, 5), len(rated), p=(0.08, 0.08, 0.16, 0.3, 0.38))
    mood = np.digitize(score, (3, 4))
    pick = rng.integers(0, 3, len(rated))
    emails = shop.set_index("record_id")["email"]
    email = rated["customer"].map(emails).str.strip().to_numpy(object)
    chinese = (rated["country"] == "CN").to_numpy()
    said = np.array([_REVIEWS_ENGLISH, _REVIEWS_CHINESE], object)[chinese.astype(int), mood, pick]
    moment = pd.Series(np.datetime64(start, "s") + when.astype("timedelta64[s]"))
    both = pd.DataFrame(
        {
            "id": [f"V{80_001 + i}" for i in range(len(rated))],
            "email": email,
            "score": score,
            "text": said,
            "order": rated["order_id"].to_numpy(object),
            "day": stamp(moment, "%Y-%m-%d %H:%M"),
        }
    )
    native, other = both[chinese].copy(), both[~chinese].copy()
    native["day"] = stamp(moment[chinese], "%Y/%m/%d %H:%M")
    native.columns = ["评价编号", "邮箱", "评分", "内容", "订单号", "评价时间"]
    return native.reset_index(drop=True), other.reset_index(drop=True)


def draw_deals(
    rng: np.random.Generator,
    contacts: pd.DataFrame,
    people: pd.DataFrame,
    companies: pd.DataFrame,
    account_ids: np.ndarray,
    until: np.datetime64,
    days: int,
) -> pd.DataFrame:
    """`crm/deals.jsonl`: sales opportunities with the employed contacts, three in five won."""
    company = people["company"].to_numpy()[contacts["person"].to_numpy()]
    at = np.flatnonzero(company >= 0)
    at = np.repeat(at, rng.poisson(1.2, len(at)))
    n = len(at)
    made = until - (np.timedelta64(1, "s") * rng.integers(86400, (days - 2) * 86400, n))
    closed = made + np.timedelta64(1, "s") * (rng.gamma(2.0, 25, n) * 86400).astype(int)
    is_closed = closed < until
    is_won = is_closed & (rng.random(n) < 0.6)
    country = companies["country"].to_numpy(object)[company[at]]
    currency = np.select(
        [country == "GB", np.isin(country, ("US", "BR")), country == "CN"],
        ["GBP", "USD", "CNY"],
        "EUR",
    )
    order = np.argsort(made, kind="stable")
    nothing = np.array(None, object)
    open_stage = rng.choice(np.array(["Qualified", "Proposal", "Negotiation"], object), n)
    deals = pd.DataFrame(
        {
            "contact": contacts["record_id"].to_numpy(object)[at],
            "account": account_ids[company[at]],
            "owner": np.array(OWNERS, object)[company[at] % len(OWNERS)],
            "stage": np.where(is_closed, np.where(is_won, "Won", "Lost"), open_stage),
            "won": is_won,
            "closed": is_closed,
            "amount": np.round(rng.lognormal(8.2, 0.8, n), 2),
            "currency": currency,
            "created": np.datetime_as_string(made),
            "closed_at": np.where(is_closed, np.datetime_as_string(closed).astype(object), nothing),
            "lead_source": rng.choice(np.array(["trade_fair", "referral", "website"], object), n),
        }
    ).iloc[order]
    deals.insert(0, "id", [f"D{9_001 + i}" for i in range(n)])
    return deals.reset_index(drop=True)

# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import hashlib
import hmac
import json
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from .. import drawing
from .tasks_common import TasksCommon

VERIFIER = Path(__file__).parents[1] / "static/src/verify/verify_draw.py"


def recompute(proof):
    """Return who won, from what was published; written without `drawing.py`."""
    text = "\n".join(" ".join(map(str, ticket)) for ticket in proof["tickets"])
    text += "\n" if text else ""
    digest = hashlib.sha256(text.encode()).hexdigest()
    seed = bytes.fromhex(proof["seed"])
    blocks = (
        int(hmac.new(seed, f"{digest}:{n}".encode(), hashlib.sha256).hexdigest(), 16)
        for n in range(10**9)
    )
    pool = {number: who for number, who, _code in proof["tickets"]}
    winners = []
    for _prize in proof["prizes"]:
        while pool:
            size = len(pool)
            block = next(b for b in blocks if b < (2**256 // size) * size)
            number = sorted(pool)[block % size]
            who = pool.pop(number)
            taken = {dict_who for _number, dict_who in winners}
            if proof["wins_once"] and who in taken:
                continue
            winners.append((number, who))
            break
    return digest, [number for number, _who in winners]


@tagged("post_install", "-at_install")
class TestDrawing(BaseCase):
    """The arithmetic of draws, without records."""

    def test_a_known_seed_gives_known_winners(self):
        seed = "00" * 31 + "01"
        tickets = [(n, (n + 1) // 2, f"{n:016x}") for n in range(1, 21)]
        text = drawing.get_list_text(tickets)
        digest = drawing.get_list_digest(text)
        for wins_once in (True, False):
            won = drawing.draw(seed, digest, [t[1] for t in tickets], 6, wins_once)
            proof = {
                "seed": seed,
                "tickets": tickets,
                "prizes": ["x"] * 6,
                "wins_once": wins_once,
            }
            self.assertEqual(
                recompute(proof), (digest, [tickets[position][0] for position in won])
            )

    def test_nobody_wins_twice_unless_it_is_allowed(self):
        seed, digest = "ab" * 32, "cd" * 32
        one = drawing.draw(seed, digest, [1] * 30, 3, True)
        many = drawing.draw(seed, digest, [1] * 30, 3, False)
        self.assertEqual((len(one), len(many)), (1, 3))
        self.assertEqual(len(set(many)), 3)

    def test_each_ticket_is_as_likely(self):
        hits = [0] * 7
        for number in range(2100):
            seed = hashlib.sha256(str(number).encode()).hexdigest()
            [position] = drawing.draw(seed, "d", list(range(7)), 1, True)
            hits[position] += 1
        # 300 expected, standard deviation 16: five of them.
        self.assertTrue(all(220 < hit < 380 for hit in hits), hits)

    def test_blocks_of_the_incomplete_range_are_skipped(self):
        numbers = drawing.Numbers("00" * 32, "d")
        blocks = iter([2**256 - 1, 4])
        numbers._next_block = lambda: next(blocks)
        self.assertEqual(numbers.below(3), 1, "2^256 mod 3 = 1: the last is skipped")

    def test_seeds_differ_and_are_long(self):
        seeds = {drawing.make_seed() for _number in range(50)}
        self.assertEqual({len(seed) for seed in seeds}, {64})
        self.assertEqual(len(seeds), 50)


@tagged("post_install", "-at_install")
class TestLottery(TasksCommon):
    def _issue(self, lottery, count=3, partners=None):
        for partner in partners or (self.resident, self.neighbour, self.third):
            lottery._issue([(partner, f"{partner.id}/{n}") for n in range(count)])

    def _draw(self, lottery):
        lottery.action_draw()
        return json.loads(lottery._get_proof())

    # === THE PROOF === #

    def test_anybody_can_recompute_who_won(self):
        prize, coupon = (
            self._create_prize(stock=2),
            self._create_prize(
                name="5 off", reward_type="coupon", coupon_program_id=self.coupons.id
            ),
        )
        for wins_once in (True, False):
            with self.subTest(wins_once=wins_once):
                lottery = self._create_lottery(
                    (prize, 1), (coupon, 2), wins_once=wins_once
                )
                noted = lottery.seed_hash
                self._issue(lottery, 4)
                proof = self._draw(lottery)
                self.assertEqual(lottery.state, "drawn")
                self.assertEqual(
                    hashlib.sha256(bytes.fromhex(proof["seed"])).hexdigest(), noted
                )
                self.assertEqual(len(proof["tickets"]), 12)
                self.assertEqual(recompute(proof), (proof["digest"], proof["winners"]))
                self.assertEqual(len(proof["winners"]), 3)
                if wins_once:
                    self.assertEqual(len(lottery.award_ids.partner_id), 3)

    def test_the_published_script_confirms_a_draw_and_finds_a_forgery(self):
        lottery = self._create_lottery((self._create_prize(), 2))
        self._issue(lottery)
        proof = self._draw(lottery)
        self.assertEqual(self._verify(proof, lottery.seed_hash), 0)
        self.assertEqual(self._verify(proof, "0" * 64), 1)
        forged = dict(proof, winners=proof["winners"][::-1])
        self.assertEqual(self._verify(forged), 1)
        forged = dict(proof, tickets=proof["tickets"][:-1])
        self.assertEqual(self._verify(forged), 1)
        forged = dict(proof, seed="11" * 32)
        self.assertEqual(self._verify(forged), 1)

    def _verify(self, proof, *noted):
        """Run the script that the page offers, as a visitor would."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "draw.json"
            path.write_text(json.dumps(proof), "utf-8")
            return subprocess.run(
                [sys.executable, "-I", str(VERIFIER), str(path), *noted],
                check=False,
                capture_output=True,
            ).returncode

    def test_nobody_can_read_the_seed_before_the_draw(self):
        lottery = self._create_lottery((self._create_prize(), 1))
        self.assertTrue(lottery.sudo().seed)
        self.assertFalse(lottery.revealed_seed)
        self.assertFalse(lottery._get_proof())
        mine = lottery.with_user(self.manager)
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            mine.read(["seed"])
        self.assertNotIn("seed", mine.read()[0])
        self.assertNotIn("seed", mine.fields_get())
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            mine.search([("seed", "like", "a%")])
        for message in lottery.message_ids:
            self.assertNotIn(lottery.sudo().seed, message.body)

    def test_seeds_are_made_at_the_publication_and_never_again(self):
        lottery = self._create_lottery((self._create_prize(), 1), is_open=False)
        self.assertFalse(lottery.sudo().seed)
        lottery.action_publish()
        seed = lottery.sudo().seed
        with self.assertRaisesRegex(UserError, "published already"):
            lottery.action_publish()
        with self.assertRaises(UserError):
            lottery.with_user(self.manager).write({"seed_hash": "0" * 64})
        self.assertEqual(lottery.sudo().seed, seed)
        self.assertFalse(lottery.copy({"draw_at": lottery.draw_at}).sudo().seed)

    # === STOCK AND BUDGET === #

    def test_a_draw_promises_only_what_is_there(self):
        prize = self._create_prize(stock=3)
        first = self._create_lottery((prize, 2))
        self.assertEqual((prize.taken, prize.left), (2, 1))
        second = self._create_lottery((prize, 2), is_open=False)
        with self.assertRaisesRegex(UserError, "Only 1 of “Strawberries”"):
            second.action_publish()
        self.assertEqual((second.state, prize.left), ("draft", 1))
        self.assertFalse(second.sudo().seed)
        first.action_cancel()
        self.assertEqual(prize.left, 3)
        second.action_publish()
        self.assertEqual(prize.left, 1)

    def test_a_stock_below_what_is_promised_is_refused(self):
        prize = self._create_prize(stock=3)
        self._create_lottery((prize, 2))
        with (
            self.assertRaisesRegex(Exception, "taken_within_cap"),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            prize.stock = 1
            self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(prize.stock, 3)

    def test_prizes_take_from_the_budget_of_the_draw(self):
        budget = self.env["groupbuy.reward.budget"].create(
            {"name": "Spring", "company_id": self.company.id, "amount": 100}
        )
        prize = self._create_prize(unit_value=40)
        lottery = self._create_lottery((prize, 3), is_open=False, budget_id=budget.id)
        self.assertEqual(lottery.budget_amount, 120)
        with self.assertRaisesRegex(UserError, "left in the budget"):
            lottery.action_publish()
        self.assertEqual((prize.left, budget.left), (5, 100))
        lottery.line_ids.quantity = 2
        lottery.action_publish()
        self.assertEqual(budget.left, 20)

    def test_prizes_that_nobody_could_win_go_back(self):
        prize = self._create_prize()
        lottery = self._create_lottery((prize, 4))
        self._issue(lottery, 2)
        proof = self._draw(lottery)
        self.assertEqual(len(proof["winners"]), 3, "One for each resident")
        self.assertEqual(recompute(proof)[1], proof["winners"])
        self.assertEqual((prize.taken, prize.left), (3, 2))

    def test_a_draw_without_tickets_is_made_all_the_same(self):
        prize = self._create_prize()
        lottery = self._create_lottery((prize, 1))
        proof = self._draw(lottery)
        self.assertEqual((proof["tickets"], proof["winners"]), ([], []))
        self.assertEqual(self._verify(proof), 0)
        self.assertEqual(prize.left, 5)

    # === TIME AND ORDER === #

    def test_a_draw_is_made_when_it_is_due_and_not_before(self):
        lottery = self._create_lottery((self._create_prize(), 1), is_on_site=False)
        self._issue(lottery)
        with self.assertRaisesRegex(UserError, "cannot be drawn before"):
            lottery.action_draw()
        self._work()
        self.assertEqual(lottery.state, "open")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE groupbuy_lottery SET draw_at = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(hours=3), lottery.id],
        )
        self.env.invalidate_all()
        self._work()
        self.assertEqual(lottery.state, "drawn")
        self.assertEqual(len(lottery.award_ids), 1)
        self.assertEqual(lottery.award_ids.state, "granted")

    def test_drawing_again_changes_nothing(self):
        lottery = self._create_lottery((self._create_prize(), 2))
        self._issue(lottery)
        proof = self._draw(lottery)
        lottery.action_draw()
        self.assertFalse(lottery._draw())
        self._work()
        self.assertEqual(json.loads(lottery._get_proof()), proof)
        self.assertEqual(len(lottery.award_ids), 2)

    def test_a_process_that_died_after_the_freezing_is_made_up_for(self):
        lottery = self._create_lottery((self._create_prize(), 1))
        self._issue(lottery)
        self.env.flush_all()
        lottery._freeze()
        self.env.invalidate_all()
        self.assertEqual(lottery.state, "drawing")
        self.assertEqual(lottery.ticket_ids.mapped("number"), list(range(1, 10)))
        with self.assertRaisesRegex(UserError, "no tickets any more"):
            self._issue(lottery, 5)
        with self.assertRaisesRegex(UserError, "winners stay"):
            lottery.action_cancel()
        self._work()
        self.assertEqual(lottery.state, "drawn")
        proof = json.loads(lottery._get_proof())
        self.assertEqual(recompute(proof)[1], proof["winners"])

    def test_a_ticket_is_given_once_for_what_it_is_for(self):
        lottery = self._create_lottery((self._create_prize(), 1))
        self._issue(lottery, 2)
        self._issue(lottery, 2)
        self.assertEqual(len(lottery.ticket_ids), 6)
        self.assertEqual(len(set(lottery.ticket_ids.mapped("code"))), 6)

    def test_what_residents_were_told_stays(self):
        prize = self._create_prize()
        lottery = self._create_lottery((prize, 1))
        for values in (
            {"draw_at": fields.Datetime.now() + timedelta(days=9)},
            {"wins_once": False},
            {"line_ids": [(5,)]},
        ):
            with self.subTest(values=values), self.assertRaises(UserError):
                lottery.write(values)
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            lottery.line_ids.quantity = 2
        with self.assertRaisesRegex(UserError, "promises this prize"):
            prize.reward_type = "coupon"
        with self.assertRaisesRegex(UserError, "is kept"):
            lottery.unlink()
        self._issue(lottery)
        with self.assertRaises(UserError):
            lottery.ticket_ids[0].code = "x"
        with self.assertRaises(UserError):
            lottery.ticket_ids[0].unlink()

    def test_only_managers_publish_draw_and_cancel(self):
        lottery = self._create_lottery((self._create_prize(), 1), is_open=False)
        for name in ("action_publish", "action_draw", "action_cancel"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                getattr(lottery.with_user(self.user), name)()
        with self.assertRaisesRegex(UserError, "buttons"):
            lottery.with_user(self.manager).write({"state": "drawn"})
        lottery.with_user(self.manager).action_publish()
        lottery.with_user(self.manager).action_draw()
        self.assertEqual(lottery.state, "drawn")

    def test_a_draw_that_cannot_be_kept_is_not_published(self):
        prize = self._create_prize(
            reward_type="coupon", coupon_program_id=self.coupons.id
        )
        self.coupons.active = False
        cases = {
            "Add the prizes": self._create_lottery(is_open=False),
            "cannot be given yet": self._create_lottery((prize, 1), is_open=False),
            "time of the draw is over": self._create_lottery(
                (self._create_prize(), 1),
                is_open=False,
                draw_at=fields.Datetime.now() - timedelta(hours=1),
            ),
        }
        for words, lottery in cases.items():
            with self.subTest(words=words), self.assertRaisesRegex(UserError, words):
                lottery.action_publish()
            self.assertEqual(lottery.state, "draft")

    # === PRIZES === #

    def test_coupons_and_points_that_were_won_are_given(self):
        coupon = self._create_prize(
            reward_type="coupon", coupon_program_id=self.coupons.id
        )
        points = self._create_prize(
            reward_type="points", points_program_id=self.program.id, points=30
        )
        lottery = self._create_lottery((coupon, 1), (points, 1))
        self._issue(lottery, partners=[self.resident, self.neighbour])
        self._draw(lottery)
        self._work()
        self._work()
        first, second = lottery.award_ids.sorted("unit")
        self.assertEqual((first.state, second.state), ("granted", "granted"))
        self.assertEqual(self._get_coupons(first.partner_id), first.coupon_id)
        self.assertEqual(self._get_points(second.partner_id), 30)
        self.assertLedgerMatches(self._get_card(second.partner_id))
        mails = self.env["mail.mail"].search([("model", "=", "groupbuy.lottery.award")])
        self.assertEqual(mails.recipient_ids, lottery.award_ids.partner_id)

    def test_goods_are_handed_over_once(self):
        lottery = self._create_lottery((self._create_prize(), 1))
        self._issue(lottery)
        self._draw(lottery)
        award = lottery.award_ids.with_user(self.user)
        self.assertIn("show this page", award._get_status_text())
        award.action_hand_over()
        self.assertEqual(award.handed_by_id, self.user)
        with self.assertRaisesRegex(UserError, "already"):
            award.action_hand_over()
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            award.write({"handed_at": False})

# Copyright 2026 Community Group Buying contributors
# License LGPL-3.0 or later (https://www.gnu.org/licenses/lgpl).

import time
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from unittest.mock import patch

from PIL import Image, ImageChops
from pypdf import PdfReader

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import BaseCase, HttpCase, tagged
from odoo.tools import mute_logger

from .. import poster
from ..models import groupbuy_poster
from .common_invitation import InvitationCommon
from .common_sharing import SharingCommon

CONTENT = poster.PosterContent(
    brand="Sunny Shop",
    title="Weekend Vegetables",
    subtitle="Sunny Garden",
    offers=tuple(
        poster.Offer(
            name,
            (
                ("Start", "¥10.00", False),
                ("3 people", "¥9.00", True),
                ("10 people", "¥7.50", False),
            ),
        )
        for name in ("Tomatoes", "Eggs", "Milk", "Rice")
    ),
    facts=(
        ("Order until", "Fri, Nov 27, 8:00 PM"),
        ("Collect from", "Sat, Nov 28, 9:00 AM"),
        ("Where", "North Gate, South Gate"),
    ),
    call="Scan and join",
    note="The more neighbours join, the lower the price for all.",
    url="https://shop.example.com/s/abcdefghijklmnop",
)
CHINESE = replace(
    CONTENT,
    title="周末新鲜蔬菜团购：番茄、鸡蛋、牛奶一起买更便宜，邻居越多价格越低，欢迎大家参加",
    subtitle="阳光花园",
    call="扫码参团",
    note="参团的邻居越多，价格就越低。",
)


@tagged("post_install", "-at_install")
class TestPosterDrawing(BaseCase):
    """The drawing alone: no database."""

    def _open(self, data):
        return Image.open(BytesIO(data)).convert("RGB")

    def test_picture_has_its_size_and_something_on_it(self):
        image = self._open(poster.draw_png(CONTENT))
        self.assertEqual(image.size, poster.PNG_SIZE)
        self.assertGreater(len(image.getcolors(maxcolors=2**24)), 50)

    def test_code_of_the_picture_is_that_of_the_address(self):
        """Read the modules back from the picture and compare them, one by one."""
        image = self._open(poster.draw_png(CONTENT)).convert("L")
        matrix = poster._get_code_matrix(CONTENT.url)
        left = poster.MARGIN
        size = poster.CODE_SIZE
        top = 1400 - size - 2 * poster.MARGIN + 8 + poster.MARGIN - 4
        count = len(matrix) + 8
        module = size // count
        start = (size - count * module) // 2
        for row, modules in enumerate(matrix):
            for column, is_dark in enumerate(modules):
                x = left + start + (column + 4) * module + module // 2
                y = top + start + (row + 4) * module + module // 2
                self.assertEqual(image.getpixel((x, y)) < 128, bool(is_dark))
        # The quiet zone around it is white.
        self.assertEqual(image.getpixel((left + 3, top + 3)), 255)

    def test_another_content_is_another_key_and_the_same_is_the_same(self):
        key = CONTENT.get_key("png", "en_US")
        self.assertEqual(key, replace(CONTENT).get_key("png", "en_US"))
        others = {
            CONTENT.get_key("pdf", "en_US"),
            CONTENT.get_key("png", "zh_CN"),
            replace(CONTENT, url="https://x.example.com").get_key("png", "en_US"),
            replace(CONTENT, picture=b"x").get_key("png", "en_US"),
            replace(CONTENT, offers=CONTENT.offers[:1]).get_key("png", "en_US"),
        }
        self.assertEqual(len(others), 5)
        self.assertNotIn(key, others)

    def test_paper_is_one_page_of_a4_with_the_address_behind_the_code(self):
        data = poster.draw_pdf(CONTENT)
        self.assertEqual(data, poster.draw_pdf(CONTENT), "The same bytes each time")
        reader = PdfReader(BytesIO(data))
        self.assertEqual(len(reader.pages), 1)
        page = reader.pages[0]
        self.assertEqual([round(float(side)) for side in page.mediabox[2:]], [595, 842])
        links = [
            note.get_object()["/A"]["/URI"] for note in page["/Annots"].get_object()
        ]
        self.assertEqual(links, [CONTENT.url])
        self.assertEqual(reader.metadata.title, CONTENT.title)

    def test_preview_of_a_link_has_the_size_that_messengers_want(self):
        self.assertEqual(self._open(poster.draw_card(CONTENT)).size, (1200, 630))

    def test_preview_shows_the_price_of_now_and_the_lowest(self):
        """Who has reached no step is not shown the price of the last one as today's."""

        def get_texts(steps):
            offer = replace(CONTENT.offers[0], ladder=steps)
            with patch.object(poster._Sheet, "text", autospec=True) as draw:
                poster.draw_card(replace(CONTENT, offers=(offer,)))
            return [call.args[3] for call in draw.call_args_list]

        reached = get_texts(CONTENT.offers[0].ladder)
        self.assertIn("¥9.00", reached)
        self.assertIn("→ ¥7.50", reached)
        steps = tuple(
            (label, price, False) for label, price, _ in CONTENT.offers[0].ladder
        )
        self.assertIn("¥10.00", get_texts(steps))
        self.assertIn("→ ¥7.50", get_texts(steps))
        self.assertNotIn("¥7.50", get_texts(steps))
        self.assertNotIn("→", "".join(get_texts(steps[:1])))
        self.assertFalse([text for text in get_texts(()) if "¥" in text])

    def test_chinese_is_drawn_and_not_as_empty_boxes(self):
        """Different characters give different shapes; a missing one is always a box."""
        drawings = [
            self._open(poster.draw_png(replace(CHINESE, title=title)))
            for title in ("团团团团", "购购购购")
        ]
        self.assertTrue(ImageChops.difference(*drawings).getbbox())
        font = poster._load_font("bold", 50, True)
        self.assertIn("SC", font.getname()[0], "The simplified Chinese face")

    def test_without_a_chinese_font_chinese_is_refused_and_latin_is_drawn(self):
        with patch.dict(poster.CJK_FONTS, {"regular": (), "bold": ()}):
            poster._find_font.cache_clear()
            poster._load_font.cache_clear()
            try:
                with self.assertRaises(poster.MissingFontError):
                    poster.draw_png(CHINESE)
                self.assertTrue(poster.draw_png(replace(CONTENT, note="No yuan sign")))
            finally:
                poster._find_font.cache_clear()
                poster._load_font.cache_clear()

    def test_long_and_strange_texts_stay_within_the_sheet(self):
        strange = replace(
            CONTENT,
            title="Donaudampfschifffahrtsgesellschaft" * 8,
            subtitle="🍅🍅 tomatoes\n\tand\x00 more ️" * 20,
            offers=(poster.Offer("x" * 500, (("y" * 99, "z" * 99, True),) * 9),) * 9,
            facts=(("label " * 30, "text " * 90),) * 3,
            brand="",
            note="",
        )
        for draw in poster.DRAW.values():
            self.assertTrue(draw(strange))
        self.assertEqual(poster._clean("a\x00b🍅c️\n"), "abc")
        self.assertEqual(poster._clean("8:00\u202fPM"), "8:00\u00a0PM")

    def test_empty_content_is_drawn(self):
        empty = poster.PosterContent("", "", "", (), (), "", "", "https://example.com")
        for draw in poster.DRAW.values():
            self.assertTrue(draw(empty))

    def test_chinese_breaks_between_characters_and_latin_between_words(self):
        sheet = poster._Sheet(poster.PNG_SIZE, True)
        lines = sheet.wrap(CHINESE.title, 50, 812, 3, "bold")
        self.assertGreater(len(lines), 1)
        self.assertNotIn(lines[1][0], "，、：")
        lines = sheet.wrap("one two three four five six seven", 50, 300, 9)
        self.assertEqual(" ".join(lines), "one two three four five six seven")
        cut = sheet.wrap("word " * 100, 50, 300, 2)
        self.assertEqual(len(cut), 2)
        self.assertTrue(cut[-1].endswith("…"))
        for line in lines + cut:
            self.assertLessEqual(sheet.measure(line, 50), 300)

    def test_picture_that_cannot_be_read_is_left_out(self):
        for data in (b"no picture", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"GIF89a"):
            self.assertTrue(poster.draw_png(replace(CONTENT, picture=data)))

    def test_picture_that_unfolds_to_gigabytes_is_not_opened(self):
        buffer = BytesIO()
        Image.new("1", (8000, 8000)).save(buffer, "PNG")
        self.assertIsNone(poster._open_picture(buffer.getvalue(), (100, 100)))

    def test_picture_with_transparency_has_a_ground(self):
        buffer = BytesIO()
        Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(buffer, "PNG")
        image = poster._open_picture(buffer.getvalue(), (10, 10))
        self.assertEqual(image.getpixel((5, 5)), poster.SAND)


@tagged("post_install", "-at_install")
class TestPoster(SharingCommon):
    def _get_content(self, campaign=None, **kwargs):
        campaign = (campaign or self.campaign).sudo()
        return campaign._get_poster_content(self.website, "https://x.test", **kwargs)

    def _get_poster(self, kind="png", campaign=None, url="https://x.test", **kwargs):
        campaign = (campaign or self.campaign).sudo()
        return campaign._get_poster(self.website, kind, url, **kwargs)

    def test_poster_says_what_when_where_and_for_how_much(self):
        content = self._get_content()
        self.assertEqual(content.title, "Weekend Vegetables")
        self.assertEqual(content.brand, self.website.name)
        [offer] = content.offers
        self.assertEqual(offer.name, "Tomatoes")
        prices = [price for _label, price, _is_current in offer.ladder]
        self.assertEqual(
            prices, [self.currency.format(price) for price in (10.0, 9.0, 7.5)]
        )
        facts = [text for _label, text in content.facts]
        self.assertEqual(facts[0], self.campaign._format_local(self.campaign.close_at))
        self.assertIn("North Gate", facts[2])

    def test_poster_is_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.campaign.with_context(lang="zh_CN").name = "周末蔬菜"
        chinese = self.campaign.with_context(lang="zh_CN")
        self.assertEqual(self._get_content(chinese).title, "周末蔬菜")
        self.assertEqual(self._get_content().title, "Weekend Vegetables")
        self.assertNotEqual(self._get_poster(campaign=chinese), self._get_poster())
        langs = self.env["groupbuy.poster"].search([]).mapped("lang")
        self.assertEqual(set(langs), {"zh_CN", "en_US"})

    def test_poster_of_a_team_names_the_team_and_ends_with_it(self):
        campaign = self._create_team_campaign()
        team = self._join_team(campaign, self.anna).groupbuy_group_id
        content = self._get_content(campaign, team=team)
        self.assertEqual(content.subtitle, "Team of Anna M.")
        self.assertNotIn("Miller", str(content))
        self.assertEqual(content.facts[0][1], campaign._format_local(team.team_ends_at))
        labels = [label for label, _price, _is_current in content.offers[0].ladder]
        self.assertEqual(labels, ["Start", "1 person", "3 people"])
        self.assertTrue(self._get_poster("pdf", campaign, team=team))

    def test_picture_is_the_campaigns_else_that_of_a_product(self):
        self.assertFalse(self._get_content().picture)
        self.tomato.image_1920 = self._picture(colour=(1, 2, 3))
        of_product = self._get_content().picture
        self.assertTrue(of_product)
        self.campaign.image_1920 = self._picture(colour=(9, 9, 9))
        self.assertNotEqual(self._get_content().picture, of_product)

    def test_poster_is_drawn_once_until_something_changes(self):
        drawn = []
        draw = poster.DRAW["png"]

        def count(content):
            drawn.append(content)
            return draw(content)

        with patch.dict(poster.DRAW, {"png": count}):
            first = self._get_poster()
            self.assertEqual(self._get_poster(), first)
            self.assertEqual(len(drawn), 1)
            self.campaign.sudo().name = "Weekend Fruit"
            self.assertNotEqual(self._get_poster(), first)
            self.assertEqual(len(drawn), 2)

    def test_poster_is_kept_as_an_attachment(self):
        self._get_poster()
        kept = self.env["groupbuy.poster"].search([])
        self.assertEqual(kept.campaign_id, self.campaign)
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", kept._name), ("res_id", "=", kept.id),
                     ("res_field", "=", "file")])
        )  # fmt: skip
        self.assertEqual(attachment.file_size, kept.size)

    def test_missing_font_says_what_to_do_and_keeps_nothing(self):
        def refuse(content):
            raise poster.MissingFontError

        with patch.dict(poster.DRAW, {"png": refuse}):
            with (
                self.assertRaisesRegex(UserError, "fonts-noto-cjk"),
                self.cr.savepoint(),
            ):
                self._get_poster()
        self.assertFalse(self.env["groupbuy.poster"].search([]))

    def test_number_of_posters_is_bounded_and_the_oldest_go_first(self):
        posters = self.env["groupbuy.poster"]
        with patch.object(groupbuy_poster, "MAX_POSTERS", 3):
            for number in range(3):
                self._get_poster(url=f"https://x.test/{number}")
            old = posters.search([], order="id", limit=1)
            old.used_on = fields.Date.today() - timedelta(days=3)
            with patch.object(groupbuy_poster, "SLICE", 1):
                self._get_poster(url="https://x.test/new")
        self.assertEqual(posters.search_count([]), 3)
        self.assertFalse(old.exists())

    def test_posters_that_nobody_asks_for_go_away(self):
        self._get_poster()
        self._get_poster(url="https://x.test/other")
        first, second = self.env["groupbuy.poster"].search([], order="id")
        past = fields.Date.today() - timedelta(days=groupbuy_poster.DAYS_KEPT + 1)
        (first | second).used_on = past
        self._get_poster()
        self.assertEqual(first.used_on, fields.Date.today(), "Asked for again")
        self.env["groupbuy.poster"]._gc_posters()
        self.assertTrue(first.exists())
        self.assertFalse(second.exists())

    def test_posters_go_with_their_campaign(self):
        campaign = self._create_campaign(state="draft", lines=[{}])
        self._get_poster(campaign=campaign)
        self.assertTrue(self.env["groupbuy.poster"].search([]))
        campaign.unlink()
        self.assertFalse(self.env["groupbuy.poster"].search([]))
        attachments = self.env["ir.attachment"].sudo()
        self.assertFalse(
            attachments.search(
                [("res_model", "=", "groupbuy.poster"), ("res_field", "=", "file")]
            )
        )

    def test_number_of_queries_does_not_grow_with_the_products(self):
        self._get_poster()
        for number in range(8):
            self._create_line(
                self._many(), product=self._create_product(f"P{number}"),
                tiers=[(2, 9.0)],
            )  # fmt: skip
        self.env.flush_all()

        def count(campaign):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._get_content(campaign)
            return self.cr.sql_log_count - before

        count(self.campaign)
        few = count(self.campaign)
        self.assertLessEqual(count(self._many()), few + 4)

    def _many(self):
        if not hasattr(self, "_campaign_with_many"):
            self._campaign_with_many = self._create_campaign(state="draft", name="Many")
        return self._campaign_with_many

    def test_invitation_shows_what_is_open_and_not_who_invites(self):
        campaigns = self.env["groupbuy.campaign"]
        seen = []

        def keep(content):
            seen.append(content)
            return b"x"

        with patch.dict(poster.DRAW, {"png": keep}):
            campaigns._get_invitation_poster(
                self.website,
                "png",
                "https://x.test/i/abc",
                "A neighbour invites you",
                facts=[("For both", "¥5.00 off")],
                note="When your first order is collected.",
            )
        [content] = seen
        self.assertEqual(content.title, "A neighbour invites you")
        self.assertIn("Tomatoes", [offer.name for offer in content.offers])
        self.assertEqual(content.facts, (("For both", "¥5.00 off"),))


@tagged("post_install", "-at_install")
class TestPosterPages(SharingCommon, HttpCase):
    def _get(self, path, **kwargs):
        return self.url_open(path, allow_redirects=False, **kwargs)

    def test_posters_are_served_to_everybody(self):
        for name, kind, head in (
            ("poster.png", "image/png", b"\x89PNG"),
            ("poster.pdf", "application/pdf", b"%PDF"),
            ("card.jpg", "image/jpeg", b"\xff\xd8"),
        ):
            response = self._get(f"{self.campaign.website_url}/{name}")
            self.assertEqual(response.status_code, 200, name)
            self.assertEqual(response.headers["Content-Type"], kind)
            self.assertTrue(response.content.startswith(head))

    def test_second_request_is_answered_from_what_was_kept(self):
        path = f"{self.campaign.website_url}/poster.png"
        first = self._get(path).content
        with patch.dict(poster.DRAW, {"png": lambda content: b"drawn again"}):
            begin = time.monotonic()
            self.assertEqual(self._get(path).content, first)
            self.assertLess(time.monotonic() - begin, 5)

    @mute_logger("odoo.http")
    def test_forged_campaigns_teams_and_files_are_not_found(self):
        hidden = self._create_campaign(name="Hidden")
        hidden.is_published = False
        url = self.campaign.website_url
        for path in (
            f"{hidden.website_url}/poster.png",
            f"{hidden.website_url}/share",
            f"{url}/poster.exe",
            f"{url}/team/{'x' * 16}/poster.png",
            f"{url}/team/{'x' * 16}/share",
            "/group-buy/nothing-0/poster.png",
            "/group-buy/99999999999999/poster.pdf",
        ):
            self.assertEqual(self._get(path).status_code, 404, path)

    def test_code_holds_the_neighbours_link_only_where_it_leads_here(self):
        campaign = self.campaign.sudo()
        link = self.links._get_link(self.anna, campaign)
        other = self._create_campaign(name="Another")
        foreign = self.links._get_link(self.anna, other)
        page = self.website.get_base_url() + campaign.website_url
        self.assertTrue(
            campaign._get_poster_url(self.website, None, link.token).endswith(
                f"/s/{link.token}"
            )
        )
        for forged in (foreign.token, "https://evil.example.com", "x" * 16, "", None):
            self.assertEqual(campaign._get_poster_url(self.website, None, forged), page)

    def test_preview_of_a_link_shows_picture_and_price(self):
        text = self._get(self.campaign.website_url).text
        image = f"/group-buy/{self.campaign.id}/card.jpg"
        self.assertRegex(text, rf'property="og:image" content="http[^"]*{image}"')
        self.assertIn('property="og:title" content="Weekend Vegetables', text)
        self.assertIn('property="og:description"', text)
        self.assertRegex(text, rf'name="twitter:image" content="http[^"]*{image}"')
        self.assertEqual(self._get(image).status_code, 200)

    def test_preview_of_a_team_names_the_team(self):
        campaign = self._create_team_campaign()
        team = self._join_team(campaign, self.anna).groupbuy_group_id
        text = self._get(team._get_path()).text
        self.assertRegex(text, r'og:title" content="Team of Anna M. \|')
        image = f"{team._get_path()}/card.jpg"
        self.assertRegex(text, rf'og:image" content="http[^"]*{image}"')
        self.assertEqual(self._get(image).status_code, 200)
        self.assertNotIn("Miller", text)

    def test_share_page_of_a_stranger_makes_no_link(self):
        text = self._get(f"{self.campaign.website_url}/share").text
        self.assertIn(f"{self.campaign.website_url}/poster.png", text)
        self.assertIn("Sign in", text)
        self.assertFalse(self.links.search([]))

    def test_share_page_of_a_resident_shows_the_own_link_once(self):
        self.authenticate("anna", "anna")
        path = f"{self.campaign.website_url}/share"
        for _attempt in range(2):
            text = self._get(path).text
        link = self.links.search([])
        self.assertEqual(link.partner_id, self.anna)
        self.assertIn(f"/s/{link.token}", text)
        self.assertIn(f"poster.png?link={link.token}", text)
        self.assertIn("Nobody has come by it yet", text)
        self.assertNotIn("Miller", link.token)

    def test_campaign_that_is_over_is_not_shared_any_more(self):
        self._close(self.campaign)
        self.authenticate("anna", "anna")
        text = self._get(f"{self.campaign.website_url}/share").text
        self.assertIn("This campaign is over", text)
        self.assertFalse(self.links.search([]))


@tagged("post_install", "-at_install")
class TestInvitationPosters(SharingCommon, InvitationCommon, HttpCase):
    def _draw(self, partner=None):
        """Return what the poster of a resident's invitation says."""
        link = self.env["groupbuy.invitation.link"]._get_or_create(
            partner or self.anna, self.company
        )
        seen = []

        def keep(content):
            seen.append(content)
            return b"x"

        with patch.dict(poster.DRAW, {"png": keep}):
            link._get_poster(self.website, "png")
        return link, seen[0]

    def test_poster_says_who_invites_and_what_it_brings(self):
        link, content = self._draw()
        self.assertEqual(content.title, "Anna M. invites you to the group buy.")
        self.assertNotIn("Miller", str(content))
        self.assertEqual(content.url, self.website.get_base_url() + link._get_path())
        [fact] = content.facts
        self.assertEqual(fact[0], "You get")
        self.assertIn("Coupon: ", fact[1])
        self.assertIn("Tomatoes", [offer.name for offer in content.offers])

    def test_poster_promises_nothing_that_is_used_up_or_over(self):
        self.invitations.gift_ids.cost = 5
        self.invitations.budget = 1
        _link, content = self._draw()
        self.assertEqual((content.facts, content.note), ((), ""))
        self.invitations.active = False
        _link, content = self._draw(self.ben)
        self.assertEqual((content.facts, content.note), ((), ""))

    def test_resident_gets_the_own_poster_and_nobody_without_an_account(self):
        path = "/my/invitations/poster.png"
        stranger = self.url_open(path, allow_redirects=False)
        self.assertIn("/web/login", stranger.headers["Location"])
        self.authenticate("anna", "anna")
        self.assertIn(f'href="{path}"', self.url_open("/my/invitations").text)
        picture = self.url_open(path)
        self.assertEqual(picture.headers["Content-Type"], "image/png")
        self.assertIn("private", picture.headers["Cache-Control"])
        self.assertTrue(picture.content.startswith(b"\x89PNG"))
        paper = self.url_open("/my/invitations/poster.pdf")
        self.assertTrue(paper.content.startswith(b"%PDF"))
        link = self.env["groupbuy.invitation.link"]._get_or_create(
            self.anna, self.company
        )
        page = PdfReader(BytesIO(paper.content)).pages[0]
        [note] = page["/Annots"].get_object()
        self.assertTrue(
            note.get_object()["/A"]["/URI"].endswith(link._get_path()),
            "The code holds the resident's own link",
        )
        self.authenticate("ben", "ben")
        self.assertNotEqual(self.url_open(path).content, picture.content)

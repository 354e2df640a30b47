"""The translation files of our addons. Run in the virtual environment: needs polib.

    python -m gbtools.translations check|merge FOLDER

FOLDER holds a fresh <addon>.pot for each addon, as Odoo exports it.
"""

import shutil
import sys
from pathlib import Path

import polib

from gbtools import addons
from gbtools.paths import addons_folder

LANGUAGE = "zh_CN"
_SHOWN = 5


def check(addon, fresh):
    """Return what is wrong with the translation files of an addon.

    The .pot has to hold exactly the terms of the sources, the Chinese file a
    translation of each of them.
    """
    template = _template_path(addon)
    chinese = _language_path(addon)
    if not template.is_file() or not chinese.is_file():
        return [f"{addon}: i18n/{addon}.pot or i18n/{LANGUAGE}.po is not there"]
    expected = _terms(polib.pofile(str(fresh)))
    known = _terms(polib.pofile(str(template)))
    translated = polib.pofile(str(chinese))
    return [
        *_listed(f"{template.name} lacks", expected - known),
        *_listed(f"{template.name} still has", known - expected),
        *_listed(f"{addon} {chinese.name} lacks", known - _terms(translated)),
        *_listed(
            f"{addon} {chinese.name} does not translate",
            {entry.msgid for entry in translated.untranslated_entries()},
        ),
        *_listed(
            f"{addon} {chinese.name} is unsure (fuzzy) of",
            {entry.msgid for entry in translated.fuzzy_entries()},
        ),
    ]


def merge(addon, fresh):
    """Write the fresh template into the addon and its new terms into Chinese.

    The Chinese file keeps its translations and takes the template's order; what the
    sources no longer have is dropped.
    """
    template = _template_path(addon)
    template.parent.mkdir(exist_ok=True)
    shutil.copyfile(fresh, template)
    path = _language_path(addon)
    known = polib.pofile(str(path)) if path.is_file() else polib.POFile()
    translations = {entry.msgid: entry.msgstr for entry in known}
    merged = polib.pofile(str(template))
    merged.metadata |= known.metadata | {"Language": LANGUAGE}
    for entry in merged:
        entry.msgstr = translations.get(entry.msgid, "")
    merged.save(str(path))
    untranslated = len(merged.untranslated_entries())
    print(f"{addon}: {len(merged)} terms, {untranslated} to translate")


def _template_path(addon):
    return addons_folder() / addon / "i18n" / f"{addon}.pot"


def _language_path(addon):
    return addons_folder() / addon / "i18n" / f"{LANGUAGE}.po"


def _terms(catalogue):
    return {entry.msgid for entry in catalogue if not entry.obsolete}


def _listed(title, terms):
    if not terms:
        return []
    shown = "; ".join(repr(term[:60]) for term in sorted(terms)[:_SHOWN])
    return [f"{title} {len(terms)} terms: {shown}"]


def main():
    """Check or merge the files of all addons; the exit code tells of complaints."""
    action, folder = sys.argv[1:]
    complaints = []
    for addon in addons.manifests():
        fresh = Path(folder) / f"{addon}.pot"
        if not fresh.is_file():
            continue
        if action == "merge":
            merge(addon, fresh)
        else:
            complaints += check(addon, fresh)
    print("\n".join(complaints))
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())

"""Mend the Chinese form of Odoo's demo payment provider. Run by Odoo's shell.

Its Chinese translation also translates the values of the options, so that the
provider takes every payment for a failed one.
"""

# ruff: noqa: F821 (Odoo's shell provides `env`)

view = env.ref("payment_demo.payment_details")
arch = view.with_context(lang="zh_CN").arch_db
for wrong, right in (
    ("完成", "done"),
    ("进行中", "pending"),
    ("取消", "cancel"),
    ("错误", "error"),
):
    arch = arch.replace(f'value="{wrong}"', f'value="{right}"')
env.cr.execute(
    "UPDATE ir_ui_view SET arch_db = jsonb_set(arch_db, '{zh_CN}', to_jsonb(%s::text))"
    " WHERE id = %s",
    [arch, view.id],
)
env.cr.commit()

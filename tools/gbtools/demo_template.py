"""Make the company of the demo template a Chinese one. Run by Odoo's shell."""

# ruff: noqa: F821 (Odoo's shell provides `env`)

company = env.company
# Retail prices in China include the tax: what residents see is what they pay.
company.write(
    {"country_id": env.ref("base.cn").id, "account_price_include": "tax_included"}
)
env["account.chart.template"].try_loading("cn", company, install_demo=False)

languages = env["res.lang"].search([("code", "in", ("en_US", "zh_CN"))])
website = env["website"].search([], limit=1)
website.write(
    {
        "language_ids": [(6, 0, languages.ids)],
        "show_line_subtotals_tax_selection": "tax_included",
    }
)

env.ref("base.user_admin").write({"tz": "Asia/Shanghai"})

demo_provider = env["payment.provider"].search([("code", "=", "demo")], limit=1)
demo_provider.write({"state": "test", "is_published": True})
env["payment.method"].with_context(active_test=False).search(
    [("code", "=", "demo")]
).write({"active": True})

env.cr.commit()
print(company.chart_template, company.currency_id.name, demo_provider.state)

"""Recurring revenue rebuilt from what a biller still shows: invoices, prorations, discounts, events.

Stripe has no history of subscriptions, only their present state and 30 days of events. What was sold when, at which
price and quantity, stands on invoice lines (a line says what holds from the start of its period) and on prorations
(what holds from a change in mid-period); `states` reads it there. `standing` says when a subscription counted,
`discounts` what was taken off, `levels` puts them together, and `home` values them in the company's currency.

MRR follows convention C6: the net amount that one period bills (after recurring discounts, without tax, in whole minor
units as Stripe rounds them) normalised to a month and rounded once, converted at a dated rate and rounded once more.
"""

from __future__ import annotations

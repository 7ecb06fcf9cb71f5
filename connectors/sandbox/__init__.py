"""The sandbox: servers on this machine that answer as vendors do, with state, jobs, limits and faults. Never in production.

It holds vendors' behaviour only; how Jalki calls a vendor is elsewhere in `connectors`, and neither imports the other.

A vendor is one file. It knows no HTTP server: it is an object with the shape of `vendor.Vendor`, whose operations are
plain functions from a `Call` to an `Answer`. The framework does the rest, the same way for all: it routes, bounds bodies,
counts calls, asks for credentials, keeps limits, makes faults, and serves each vendor on a port of its own.

To add one:

1. Write `connectors/sandbox/<vendor>.py` with a class that takes `(clock, *, …)` and has what `Vendor` asks for. All that
   it holds is in `self.state`, made of plain values (it is copied for a lie). What takes time is a `Job` in a `Jobs` in
   the state, carried out by `settle`. Let an operation that can answer in part, or with an error inside a 200, name those
   kinds in `takes` and look at `call.fault`. Bound what is held.
2. Add a line to `vendors.VENDORS`.
3. Test it in `tests/sandbox/` with the vendor's SDK and its specification.

A call passes, in this order: route, count, fault that comes before, body, `admits`, limits, `settle`, operation, fault that
comes after. A call with a lie is put back, unless its operation takes lies itself.
"""

"""Nanoseconds of a send through blinker, beside a loop over functions.

Prints `candidate <tab> receivers <tab> nanoseconds`.
"""

from itertools import repeat
from statistics import median
from time import perf_counter_ns

from blinker import Signal


class Payload:
    """A counter that every receiver adds to."""

    __slots__ = ("count",)

    def __init__(self):
        self.count = 0


def receiver(number):
    """One of four functions in rotation, with one captured word."""
    word = number | 1

    def first(sender, payload):
        payload.count += word

    def second(sender, payload):
        payload.count += word | 2

    def third(sender, payload):
        payload.count += word ^ 4

    def fourth(sender, payload):
        payload.count += word & 8

    return (first, second, third, fourth)[number % 4]


def send_raw(receivers, sender, payload):
    for receiver in receivers:
        receiver(sender, payload=payload)


def sample(send, calls):
    """The nanoseconds of one call; `send` is given how often to send."""
    send(calls // 8)
    start = perf_counter_ns()
    send(calls)
    return (perf_counter_ns() - start) / calls


def main():
    sender, payload = object(), Payload()
    for receivers in (0, 1, 8, 64, 1000):
        raw = [receiver(number) for number in range(receivers)]
        signal = Signal()
        for number in range(receivers):
            # Strong: a weak reference would be looked up at each call.
            signal.connect(receiver(number), weak=False)

        def sends_raw(calls):
            for _ in repeat(None, calls):
                send_raw(raw, sender, payload)

        def sends(calls):
            for _ in repeat(None, calls):
                signal.send(sender, payload=payload)

        calls = max(10, 10_000 // (receivers + 3))
        samples = [(sample(sends_raw, calls), sample(sends, calls)) for _ in range(21)]
        of_raw, of_blinker = (median(column) for column in zip(*samples))
        print(f"Python raw loop\t{receivers}\t{of_raw:.3f}")
        print(f"blinker\t{receivers}\t{of_blinker:.3f}")


main()

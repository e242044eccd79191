// Nanoseconds of a send through boost::signals2, beside a loop over std::function.
//
// Prints `candidate <tab> receivers <tab> nanoseconds`. With the argument `threads` the process has a second
// thread, which sleeps: without one, the C++ library leaves locks and atomic counts out.

#include <boost/signals2.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

struct Sender {};

struct alignas(128) Payload {
    std::atomic<std::uint64_t> count{0};

    // The work of a receiver: a load, an addition and a store.
    void add(std::uint64_t n) {
        count.store(count.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
};

// Nothing is returned: for boost::signals2 that is the cheapest.
using Receiver = void(const Sender &, Payload &);

// Hides where a value comes from.
template <class T> T opaque(T value) {
    asm volatile("" : "+r"(value) : : "memory");
    return value;
}

// One of four closure types in rotation, with one captured word.
template <class Connect> void connect_receiver(Connect connect, std::size_t number) {
    const std::uint64_t word = opaque<std::uint64_t>(number | 1);
    switch (number % 4) {
    case 0: connect([word](const Sender &, Payload &payload) { payload.add(word); }); break;
    case 1: connect([word](const Sender &, Payload &payload) { payload.add(word | 2); }); break;
    case 2: connect([word](const Sender &, Payload &payload) { payload.add(word ^ 4); }); break;
    default: connect([word](const Sender &, Payload &payload) { payload.add(word & 8); }); break;
    }
}

using Raw = std::vector<std::function<Receiver>>;
using Boost = boost::signals2::signal<Receiver>;

[[gnu::noinline]] void send(const Raw &receivers, const Sender &sender, Payload &payload) {
    for (const auto &receiver : receivers) {
        receiver(sender, payload);
    }
}

[[gnu::noinline]] void send(const Boost &signal, const Sender &sender, Payload &payload) {
    signal(sender, payload);
}

template <class Bus> double sample(const Bus &bus, Payload &payload, int calls) {
    const Sender sender;
    for (int call = 0; call < calls / 8; ++call) {
        send(*opaque(&bus), sender, payload);
    }
    const auto start = std::chrono::steady_clock::now();
    for (int call = 0; call < calls; ++call) {
        send(*opaque(&bus), sender, payload);
    }
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    return took.count() / calls;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void compare(const char *raw_name, const char *boost_name) {
    static Payload payload;
    for (const int receivers : {0, 1, 8, 64, 1000}) {
        Raw raw;
        Boost boost;
        for (int number = 0; number < receivers; ++number) {
            connect_receiver([&](auto f) { raw.emplace_back(f); }, number);
            connect_receiver([&](auto f) { boost.connect(f); }, number);
        }
        const int calls = std::max(100, 100'000 / (receivers + 3));
        std::vector<double> of_raw, of_boost;
        for (int round = 0; round < 31; ++round) {
            of_raw.push_back(sample(raw, payload, calls));
            of_boost.push_back(sample(boost, payload, calls));
        }
        std::printf("%s\t%d\t%.3f\n", raw_name, receivers, median(of_raw));
        std::printf("%s\t%d\t%.3f\n", boost_name, receivers, median(of_boost));
    }
}

int main(int argc, char **argv) {
    if (argc < 2 || std::strcmp(argv[1], "threads") != 0) {
        compare("C++ raw loop", "boost::signals2");
        return 0;
    }
    std::mutex mutex;
    std::condition_variable told;
    bool is_over = false;
    std::thread sleeper([&] {
        std::unique_lock lock(mutex);
        told.wait(lock, [&] { return is_over; });
    });
    compare("C++ raw loop, with threads", "boost::signals2, with threads");
    {
        const std::lock_guard lock(mutex);
        is_over = true;
    }
    told.notify_one();
    sleeper.join();
}

//! The order of the receivers of a signal: number, then sequence, then `before` and `after` by name.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use foldhash::fast::RandomState;

/// Where a receiver stands if no other names it: lower first.
pub(crate) type Rank = (i32, u64);

/// What the order depends on, of one receiver.
pub(crate) struct Place<'a> {
    pub(crate) name: &'a str,
    pub(crate) before: &'a [Cow<'static, str>],
    pub(crate) after: &'a [Cow<'static, str>],
    pub(crate) rank: Rank,
}

/// The indices of `places` in the order in which they run, or the names of a circle.
///
/// A name that no receiver has (yet) constrains nothing; a name that several share constrains all of them.
/// `before` moves the receiver that asks forward, and never the one it names backward past others.
pub(crate) fn arrange(places: &[Place<'_>]) -> Result<Vec<usize>, Vec<String>> {
    let (followers, askers) = asked(places);
    let ranks = effective_ranks(places, &askers);
    let mut waiting_for = vec![0_usize; places.len()];
    for &follower in followers.iter().flatten() {
        waiting_for[follower] += 1;
    }
    // Those that take over the same rank run by their own.
    let turn = |index: usize| Reverse((ranks[index], places[index].rank, index));
    let all = (0..places.len()).filter(|&index| waiting_for[index] == 0);
    let mut ready: BinaryHeap<_> = all.map(turn).collect();
    let mut arranged = Vec::with_capacity(places.len());
    while let Some(Reverse((.., index))) = ready.pop() {
        arranged.push(index);
        for &follower in &followers[index] {
            waiting_for[follower] -= 1;
            if waiting_for[follower] == 0 {
                ready.push(turn(follower));
            }
        }
    }
    if arranged.len() < places.len() {
        return Err(circle(places, &followers, &waiting_for));
    }
    Ok(arranged)
}

/// Returns, for each receiver, those that must run after it, and those that ask to run before it.
fn asked(places: &[Place<'_>]) -> (Vec<Vec<usize>>, Vec<Vec<usize>>) {
    let mut named: HashMap<&str, Vec<usize>, RandomState> = HashMap::default();
    for (index, place) in places.iter().enumerate() {
        named.entry(place.name).or_default().push(index);
    }
    let indices = |name: &str| named.get(name).into_iter().flatten().copied();
    let mut followers = vec![Vec::new(); places.len()];
    let mut askers = followers.clone();
    for (index, place) in places.iter().enumerate() {
        for later in place.before.iter().flat_map(|name| indices(name)) {
            followers[index].push(later);
            askers[later].push(index);
        }
        for earlier in place.after.iter().flat_map(|name| indices(name)) {
            followers[earlier].push(index);
        }
    }
    (followers, askers)
}

/// A receiver that asks to run before another takes over its rank, if that is the earlier one.
fn effective_ranks(places: &[Place<'_>], askers: &[Vec<usize>]) -> Vec<Rank> {
    let mut ranks: Vec<Rank> = places.iter().map(|place| place.rank).collect();
    // The earliest first: what it hands on is never taken over again, also not in a circle.
    let all = ranks.iter().enumerate();
    let mut settled: BinaryHeap<_> = all.map(|(index, rank)| Reverse((*rank, index))).collect();
    while let Some(Reverse((rank, target))) = settled.pop() {
        for &asker in &askers[target] {
            if rank < ranks[asker] {
                ranks[asker] = rank;
                settled.push(Reverse((rank, asker)));
            }
        }
    }
    ranks
}

/// The names of one circle among the receivers that could not be placed.
fn circle(places: &[Place<'_>], followers: &[Vec<usize>], waiting_for: &[usize]) -> Vec<String> {
    let is_stuck = |index: &usize| waiting_for[*index] > 0;
    let stuck = || (0..places.len()).filter(is_stuck);
    let mut path: Vec<usize> = stuck().take(1).collect();
    // Every receiver left waits for one that is left, so walking backwards must come round.
    loop {
        let last = path[path.len() - 1];
        let earlier = stuck().find(|index| followers[*index].contains(&last));
        let earlier = earlier.expect("a receiver that waits has one it waits for");
        if let Some(start) = path.iter().position(|&index| index == earlier) {
            let names = path[start..].iter().rev().chain(&path[path.len() - 1..]);
            return names.map(|&index| places[index].name.to_owned()).collect();
        }
        path.push(earlier);
    }
}

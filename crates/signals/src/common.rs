//! What a plain and an async signal have in common, written once for both.

/// The methods that do not depend on how receivers run, and the traits of a signal.
macro_rules! common {
    ($Signal:ident, $is_async:literal, $dot_await:literal) => {
        impl<S: ?Sized, P: ?Sized, O> $Signal<S, P, O> {
            /// Returns a signal of this name; a `static` can hold it.
            ///
            /// The name is for people and observers. Two signals may have the same name.
            pub const fn new(name: &'static str) -> Self {
                Self {
                    hub: Hub::new(Cow::Borrowed(name), $is_async),
                }
            }

            pub(crate) const fn with_name(name: String) -> Self {
                Self {
                    hub: Hub::new(Cow::Owned(name), $is_async),
                }
            }

            /// Sets how an outcome is shown to observers and recorders. By default they see its type.
            pub const fn describe(mut self, describe: fn(&O) -> String) -> Self {
                self.hub.describe(describe);
                self
            }

            /// Sets how many levels deep the signal may be sent inside its own receivers. The default is 64.
            ///
            /// A deeper send calls no receiver, and its answers are failures.
            pub const fn recursion_limit(mut self, limit: u32) -> Self {
                self.hub.recursion_limit(limit);
                self
            }

            /// Returns a new signal with the same name, description and limit, and without receivers.
            ///
            /// Receivers registered with `#[receiver]` are not taken over either. Use it for a test or a tenant
            /// that has to be separate from others.
            #[must_use]
            pub fn twin(&self) -> Self {
                Self {
                    hub: self.hub.twin(),
                }
            }

            /// Returns the name of the signal.
            pub fn name(&self) -> &str {
                self.hub.name()
            }
        }

        impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> $Signal<S, P, O> {
            /// Returns whether any receiver is connected. Blocked and muted ones are.
            pub fn has_receivers(&self) -> bool {
                let shared = self.hub.shared();
                shared.sweep();
                !shared.core().look(crate::engine::State::is_empty)
            }

            /// Returns the connected receivers, in the order in which they run.
            pub fn receivers(&self) -> Vec<ReceiverInfo> {
                self.hub.shared().receivers()
            }

            /// Returns a handle on the first receiver of this name, if there is one: to block or disconnect a
            /// receiver that was registered with `#[receiver]`, or connected elsewhere.
            ///
            /// A receiver that was not given a name has the path of its function.
            pub fn find(&self, name: &str) -> Option<crate::connection::Connection> {
                let shared = self.hub.shared();
                let found = shared.find(name)?;
                Some(crate::connection::Connection::new(
                    found,
                    shared,
                    &shared.core().exits,
                ))
            }

            /// Returns whether any receiver is bound to this sender, or to no sender.
            pub fn has_receivers_for(&self, sender: &S) -> bool {
                !self.receivers_for(sender).is_empty()
            }

            /// Returns the receivers that are bound to this sender or to no sender, in the order in which they
            /// run.
            pub fn receivers_for(&self, sender: &S) -> Vec<ReceiverInfo> {
                self.hub.shared().receivers_for(sender)
            }

            /// Disconnects every receiver, and returns how many there were.
            pub fn disconnect_all(&self) -> usize {
                let shared = self.hub.shared();
                shared.sweep();
                shared.disconnect(|_| true)
            }

            /// Disconnects the receiver that was connected with this key, and returns whether there was one.
            pub fn disconnect_key(&self, key: &str) -> bool {
                let shared = self.hub.shared();
                // Again if it has gone with what it was tied to, or another has taken its place meanwhile.
                while let Some(holder) = shared.core().with_key(key) {
                    if shared.is_connected(holder) && shared.disconnect_one(holder) {
                        return true;
                    }
                }
                false
            }

            /// Records the payloads that are sent from now on, for a test.
            ///
            /// If tests that run at the same time share a signal, each of them records the sends of all. Give
            /// each test its own signal, or use [`record_here`](Self::record_here).
            pub fn record(&self) -> Recording<P::Owned>
            where
                P: ToOwned<Owned: Send>,
            {
                self.record_within(Scope::AllThreads)
            }

            /// Records the payloads that this thread sends from now on. See [`record`](Self::record).
            pub fn record_here(&self) -> Recording<P::Owned>
            where
                P: ToOwned<Owned: Send>,
            {
                self.record_within(Scope::here())
            }

            fn record_within(&self, scope: Scope) -> Recording<P::Owned>
            where
                P: ToOwned<Owned: Send>,
            {
                let sent = Arc::new(Mutex::new(Vec::new()));
                let kept = Arc::clone(&sent);
                let connection = self
                    .receiver(move |_: &S, payload: &P| {
                        if scope.covers_this_thread() {
                            let payload = payload.to_owned();
                            kept.lock().push(payload);
                        }
                    })
                    .named("recording")
                    .order(i32::MIN)
                    .connect();
                Recording {
                    sent,
                    signal: self.name().to_owned(),
                    _connection: connection.scoped(),
                }
            }

            /// Returns a future of the next send, projected to a value that the caller owns.
            ///
            /// The future is connected by this call, not by its first poll: a send between this call and the
            /// `.await` is heard. `project` runs in the thread that sends, before the other receivers. If `project`
            /// panics, that send has a failure, and the future waits for the next one.
            ///
            /// If the future is dropped, nothing stays connected. If its receiver is disconnected by
            /// [`disconnect_all`](Self::disconnect_all), the future stays pending. Use [`stream`](Self::stream) if
            /// the code has to learn of that.
            ///
            /// ```
            #[doc = concat!("use signals::", stringify!($Signal), ";")]
            ///
            /// struct Order { id: u64 }
            ///
            #[doc = concat!("static ORDER_PLACED: ", stringify!($Signal), "<str, Order> = ", stringify!($Signal), "::new(\"order_placed\");")]
            ///
            /// # let run = async {
            /// let placed = ORDER_PLACED.next(|_, order| order.id);
            #[doc = concat!("ORDER_PLACED.send(\"corner shop\", &Order { id: 7 })", $dot_await, ";")]
            /// let id = placed.await;
            /// assert_eq!(id, 7);
            /// # };
            /// # assert!(std::pin::pin!(run).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready());
            /// ```
            #[track_caller]
            pub fn next<T: Send + 'static>(
                &self,
                project: impl Fn(&S, &P) -> T + Send + Sync + 'static,
            ) -> Next<'_, T> {
                let awaited = Awaited::new();
                let offered = Arc::clone(&awaited);
                // Apart from the value: what panics in the destructor of one is not to meet what panics in the other.
                let project = crate::failure::Quietly(Some(project));
                let receiver = self.receiver(move |sender: &S, payload: &P| {
                    if offered.is_waiting() {
                        offered.offer(project.get()(sender, payload));
                    }
                });
                Next::new(awaited, receiver.named("next").order(i32::MIN).connect())
            }

            /// Returns a stream of the sends from now on, each projected to a value that the caller owns.
            ///
            /// The stream keeps up to `capacity` values that have not been asked for. If there are more, it drops the
            /// oldest one and counts it: [`missed`](Sends::missed) returns how many. `project` runs in the thread
            /// that sends, before the other receivers. Memory is taken as values arrive.
            ///
            /// ```
            #[doc = concat!("use signals::", stringify!($Signal), ";")]
            ///
            /// struct Order { id: u64 }
            ///
            #[doc = concat!("static ORDER_PLACED: ", stringify!($Signal), "<str, Order> = ", stringify!($Signal), "::new(\"order_placed\");")]
            ///
            /// # let run = async {
            /// let mut placed = ORDER_PLACED.stream(2, |_, order| order.id);
            /// for id in 1..=3 {
            #[doc = concat!("    ORDER_PLACED.send(\"corner shop\", &Order { id })", $dot_await, ";")]
            /// }
            /// assert_eq!(placed.missed(), 1);
            /// assert_eq!(placed.next().await, Some(2));
            /// assert_eq!(placed.next().await, Some(3));
            /// # };
            /// # assert!(std::pin::pin!(run).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())).is_ready());
            /// ```
            ///
            /// # Panics
            ///
            /// Panics if `capacity` is 0.
            #[track_caller]
            pub fn stream<T: Send + 'static>(
                &self,
                capacity: usize,
                project: impl Fn(&S, &P) -> T + Send + Sync + 'static,
            ) -> Sends<T> {
                let queue = Queue::new(capacity);
                let feed = queue.feed();
                let project = crate::failure::Quietly(Some(project));
                let receiver = self.receiver(move |sender: &S, payload: &P| {
                    feed.push(project.get()(sender, payload));
                });
                Sends::new(queue, receiver.named("stream").order(i32::MIN).connect())
            }

            /// Mutes the signal until the guard is dropped: sends call no receiver.
            ///
            /// Sends that have already begun continue.
            pub fn mute(&self) -> Muted<'_> {
                Muted::new(&**self.hub.shared())
            }
        }

        impl<S, P, O> crate::test_scope::Testable for $Signal<S, P, O>
        where
            S: ?Sized + 'static,
            P: ?Sized + 'static,
            O: 'static,
        {
        }

        impl<S, P, O> crate::test_scope::sealed::Testable for $Signal<S, P, O>
        where
            S: ?Sized + 'static,
            P: ?Sized + 'static,
            O: 'static,
        {
            fn twin(&self) -> Self {
                self.twin()
            }

            fn state(&self) -> crate::test_scope::sealed::State {
                let shared = self.hub.shared();
                crate::test_scope::sealed::State {
                    shared: shared.clone(),
                    any: shared.clone(),
                }
            }
        }

        #[cfg(feature = "inventory")]
        impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> crate::collect::Target
            for $Signal<S, P, O>
        {
            fn address(&self) -> usize {
                self.hub.address()
            }

            fn name(&self) -> &str {
                self.hub.name()
            }

            fn touch(&self) {
                self.hub.prepare();
            }
        }

        // A panic of a receiver is caught, and no lock is held while one runs: a signal is whole after any panic.
        impl<S: ?Sized, P: ?Sized, O> std::panic::UnwindSafe for $Signal<S, P, O> {}
        impl<S: ?Sized, P: ?Sized, O> std::panic::RefUnwindSafe for $Signal<S, P, O> {}

        impl<S: ?Sized, P: ?Sized, O> fmt::Debug for $Signal<S, P, O> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Signal))
                    .field("name", &self.hub.name())
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use common;

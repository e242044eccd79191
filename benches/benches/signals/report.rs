//! What is printed: tables as they are measured, and at the end every bar with the figure beside it.

/// A figure that is to be kept, and how it turned out.
struct Bar {
    what: String,
    figure: f64,
    limit: f64,
    /// Whether more is better.
    is_floor: bool,
    unit: &'static str,
    note: String,
}

/// The bars that the run has come by.
#[derive(Default)]
pub(crate) struct Report {
    bars: Vec<Bar>,
}

impl Report {
    /// The figure is to be `limit` or less.
    pub(crate) fn at_most(&mut self, what: &str, figure: f64, limit: f64, unit: &'static str) {
        self.bar(what, figure, limit, unit, false);
    }

    /// How often another takes what ours takes, for each length: never less than once.
    pub(crate) fn ahead_of(&mut self, name: &str, ratios: &[f64]) {
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        self.bar(
            &format!("{name}, over ours, at least"),
            least,
            1.0,
            "x",
            true,
        );
        let ratios = ratios.iter().map(|ratio| match ratio {
            ratio if ratio.is_nan() => "?".to_owned(),
            ratio => format!("{ratio:.2}"),
        });
        self.note(ratios.collect::<Vec<_>>().join(", "));
    }

    /// Says something of the bar that came last.
    pub(crate) fn note(&mut self, note: String) {
        if let Some(bar) = self.bars.last_mut() {
            bar.note = note;
        }
    }

    fn bar(&mut self, what: &str, figure: f64, limit: f64, unit: &'static str, is_floor: bool) {
        self.bars.push(Bar {
            what: what.to_owned(),
            figure,
            limit,
            is_floor,
            unit,
            note: String::new(),
        });
    }

    /// Prints the bars.
    pub(crate) fn print(&self) {
        title("bars");
        for bar in &self.bars {
            let (sign, holds) = if bar.is_floor {
                (">=", bar.figure >= bar.limit)
            } else {
                ("<=", bar.figure <= bar.limit)
            };
            let verdict = match holds {
                _ if bar.figure.is_nan() => "?",
                true => "holds",
                false => "misses",
            };
            println!(
                "{verdict:<6}  {:<50} {:>8.2} {:<6} {sign} {:>7.2}   {}",
                bar.what, bar.figure, bar.unit, bar.limit, bar.note,
            );
        }
    }
}

/// Begins a table.
pub(crate) fn title(title: &str) {
    println!("\n{title}");
}

/// The head of a table with a column for each length of the list.
pub(crate) fn lengths(of: &str, lengths: &[usize]) {
    print!("{of:<36}");
    for length in lengths {
        print!(" {length:>10}");
    }
    println!();
}

/// A line of a table, with as many digits as make sense; `?` where no sample could be taken.
pub(crate) fn line(name: &str, figures: &[f64]) {
    print!("{name:<36}");
    for &figure in figures {
        if figure.is_nan() {
            print!(" {:>10}", "?");
            continue;
        }
        let digits = match figure {
            100.0.. => 0,
            10.0.. => 1,
            _ => 2,
        };
        print!(" {figure:>10.digits$}");
    }
    println!();
}

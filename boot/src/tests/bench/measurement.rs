//! What the benchmark printed, as figures.

/// One quantity at one parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::tests) struct Measurement {
    /// The quantity.
    pub(in crate::tests) name: String,
    /// What it was measured at: bytes, handles, threads.
    pub(in crate::tests) parameter: u64,
    /// The middle of all measurements, in instructions.
    pub(in crate::tests) p50: u64,
    /// What 99 of 100 measurements do not exceed, in instructions.
    pub(in crate::tests) p99: u64,
}

/// All figures of a run.
#[derive(Debug, Clone, Default)]
pub(in crate::tests) struct Measurements(Vec<Measurement>);

impl Measurements {
    /// Reads lines of the form `NAME PARAMETER min N p50 N p99 N mean N of N`, of which only the mean may be there. Other
    /// lines mean nothing here.
    pub(in crate::tests) fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(measurement).collect())
    }

    /// The figure of a quantity at a parameter.
    pub(in crate::tests) fn find(&self, name: &str, parameter: u64) -> Option<&Measurement> {
        self.0
            .iter()
            .find(|one| one.name == name && one.parameter == parameter)
    }

    /// A quantity's parameters and middles, in the order in which they were measured.
    pub(in crate::tests) fn curve(&self, name: &str) -> Vec<(u64, u64)> {
        let of_name = self.0.iter().filter(|one| one.name == name);
        of_name.map(|one| (one.parameter, one.p50)).collect()
    }

    /// All figures.
    pub(in crate::tests) fn iter(&self) -> impl Iterator<Item = &Measurement> {
        self.0.iter()
    }
}

fn measurement(line: &str) -> Option<Measurement> {
    let mut words = line.split_whitespace();
    let (name, parameter) = (words.next()?.to_owned(), words.next()?.parse().ok()?);
    let words: Vec<&str> = words.collect();
    let figure = |wanted: &str| {
        let mut pairs = words.windows(2).filter(|pair| pair[0] == wanted);
        pairs.next().and_then(|pair| pair[1].parse().ok())
    };
    // Where only the mean is known it stands for both.
    let middle = figure("p50").or_else(|| figure("mean"))?;
    Some(Measurement {
        name,
        parameter,
        p50: middle,
        p99: figure("p99").unwrap_or(middle),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_among_other_lines() {
        let text = "hello\nroundtrip_kernel 16 min 1 p50 2 p99 3 mean 2 of 5\nroundtrip_kernel 32 failed\n";
        let figures = Measurements::parse(text);
        assert_eq!(figures.curve("roundtrip_kernel"), [(16, 2)]);
        let found = figures.find("roundtrip_kernel", 16).expect("a figure");
        assert_eq!((found.p50, found.p99), (2, 3));
        assert_eq!(figures.find("roundtrip_kernel", 32), None);
        let only_mean = Measurements::parse("death_with_handles 100 mean 7\n");
        assert_eq!(only_mean.curve("death_with_handles"), [(100, 7)]);
    }
}

//! What the benchmark printed, as figures.

/// One quantity at one parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Measurement {
    /// The quantity.
    pub(super) name: String,
    /// What it was measured at: bytes, handles, threads.
    pub(super) parameter: u64,
    /// The middle of all measurements, in instructions.
    pub(super) p50: u64,
    /// What 99 of 100 measurements do not exceed, in instructions.
    pub(super) p99: u64,
}

/// All figures of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct Measurements(Vec<Measurement>);

impl Measurements {
    /// Reads lines of the form `NAME PARAMETER min N p50 N p99 N mean N of N`. Other lines mean nothing here.
    pub(super) fn parse(text: &str) -> Self {
        Self(text.lines().filter_map(measurement).collect())
    }

    /// The figure of a quantity at a parameter.
    pub(super) fn find(&self, name: &str, parameter: u64) -> Option<&Measurement> {
        self.0
            .iter()
            .find(|one| one.name == name && one.parameter == parameter)
    }

    /// A quantity's parameters and middles, in the order in which they were measured.
    pub(super) fn curve(&self, name: &str) -> Vec<(u64, u64)> {
        let of_name = self.0.iter().filter(|one| one.name == name);
        of_name.map(|one| (one.parameter, one.p50)).collect()
    }

    /// All figures.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Measurement> {
        self.0.iter()
    }
}

fn measurement(line: &str) -> Option<Measurement> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [name, parameter, "min", _, "p50", p50, "p99", p99, ..] = words.as_slice() else {
        return None;
    };
    Some(Measurement {
        name: (*name).to_owned(),
        parameter: parameter.parse().ok()?,
        p50: p50.parse().ok()?,
        p99: p99.parse().ok()?,
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
    }
}

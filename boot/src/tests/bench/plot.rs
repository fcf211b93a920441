//! Curves as SVG pictures.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::prelude::{
    ChartBuilder, Color as _, IntoDrawingArea as _, IntoFont as _, IntoLogRange as _, LineSeries,
    PathElement, RGBColor, SVGBackend, SeriesLabelPosition, WHITE,
};
use plotters::style::BLACK;

/// Width and height in pixels.
const SIZE: (u32, u32) = (760, 420);

/// The lines' colours, which also people who see few colours can tell apart.
const COLOURS: [RGBColor; 3] = [
    RGBColor(0, 90, 181),
    RGBColor(220, 50, 32),
    RGBColor(120, 120, 120),
];

/// Draws a line for each system; both axes grow by factors.
pub(super) fn draw(path: &Path, title: &str, axis: &str, lines: &[(&str, Vec<(u64, u64)>)]) -> Result<()> {
    // A parameter of 0 has no place on an axis that grows by factors: it stands where 1 stands.
    let points = |curve: &[(u64, u64)]| -> Vec<(f64, f64)> {
        let place = |(at, value): &(u64, u64)| ((*at).max(1) as f64, (*value).max(1) as f64);
        curve.iter().map(place).collect()
    };
    let all: Vec<(f64, f64)> = lines.iter().flat_map(|(_, curve)| points(curve)).collect();
    let greatest = |of: fn(&(f64, f64)) -> f64| all.iter().map(of).fold(2.0, f64::max);
    let least = all.iter().map(|point| point.1).fold(f64::INFINITY, f64::min);
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    let failed = |error: String| anyhow!("cannot draw {}: {error}", path.display());
    area.fill(&WHITE).map_err(|error| failed(error.to_string()))?;
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 20).into_font())
        .margin(14)
        .x_label_area_size(44)
        .y_label_area_size(76)
        .build_cartesian_2d(
            (1.0..greatest(|point| point.0) * 1.1).log_scale(),
            (least / 2.0..greatest(|point| point.1) * 3.0).log_scale(),
        )
        .map_err(|error| failed(error.to_string()))?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc(axis)
        .y_desc("instructions")
        .x_label_formatter(&|value| format!("{value:.0}"))
        .y_label_formatter(&|value| format!("{value:.0}"))
        .draw()
        .map_err(|error| failed(error.to_string()))?;
    for ((name, curve), colour) in lines.iter().zip(COLOURS.iter().cycle()) {
        let colour = *colour;
        chart
            .draw_series(LineSeries::new(points(curve), colour.stroke_width(2)).point_size(3))
            .map_err(|error| failed(error.to_string()))?
            .label(*name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE)
        .border_style(BLACK)
        .draw()
        .map_err(|error| failed(error.to_string()))?;
    area.present().map_err(|error| failed(error.to_string()))
}

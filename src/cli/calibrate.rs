//! `dialogdesk calibrate`: fits the confidence on question sets and writes it to a file.

use super::args::CalibrateArgs;
use super::eval::write;
use super::sets::Sets;
use super::{Failure, Verdict, out};
use crate::config::Config;
use crate::eval::calibrate::{Fit, Options, fit};
use crate::mechanism::Mechanisms;

pub(super) fn run(config: Config, args: CalibrateArgs, one_knowledge: bool) -> Result<Verdict, Failure> {
    let collections = Sets::new(config, &args.sets, one_knowledge)?.ask(Mechanisms::default())?;
    let options =
        Options { l2: args.l2, max_answerable_refused: args.max_answerable_refused, balance: args.balance.into() };
    let fit = fit(&collections, options).map_err(Failure::failed)?;
    let json = serde_json::to_string_pretty(&fit.calibration).map_err(Failure::failed)?;
    write(&args.out, &format!("{json}\n"))?;
    out::print(&summary(&fit))?;
    Ok(Verdict::Fine)
}

fn summary(fit: &Fit) -> String {
    let c = &fit.calibration;
    let mut lines = vec!["feature                            weight       mean      scale".to_owned()];
    let features =
        c.features.iter().map(|f| format!("{:<30} {:>10.4} {:>10.4} {:>10.4}", f.name, f.weight, f.mean, f.scale));
    lines.extend(features);
    lines.push(format!("{:<30} {:>10.4}\n\ncross-validated AUROC", "bias", c.bias));
    let auroc = |value: Option<f64>| {
        value.map_or_else(|| "    - (one kind of question alone)".to_owned(), |v| format!("{v:.3}"))
    };
    lines.extend(fit.collections.iter().map(|(name, value)| format!("  {name:<28} {}", auroc(*value))));
    lines.push(format!("  {:<28} {:.3}\n", "all, weighted as fitted", c.auroc));
    lines.push(format!("threshold                      {:.4}", c.threshold));
    lines.push(format!("answerable refused             {:.3}", c.answerable_refused));
    lines.push(format!("unanswerable refused           {:.3}", c.unanswerable_refused));
    lines.push(format!("expected calibration error     {:.3}", c.ece));
    if fit.left_out > 0 {
        lines.push(format!("{} replies named no features and were left out", fit.left_out));
    }
    lines.join("\n") + "\n"
}

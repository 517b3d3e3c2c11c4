# R's own answer: Rscript farrington.R COUNTS.csv OUT.csv LAST, with surveillance from Debian.
suppressMessages(library(surveillance))
given <- commandArgs(trailingOnly = TRUE)
counts <- as.matrix(read.csv(given[1], header = FALSE))
last <- as.integer(given[3])
series <- sts(counts, start = c(2018, 1), frequency = 52)
control <- list(
  range = (nrow(counts) - last + 1):nrow(counts), b = 5, w = 3, noPeriods = 10,
  pastWeeksNotIncluded = 26, thresholdMethod = "nbPlugin", alpha = 0.01,
  pThresholdTrend = 1, weightsThreshold = 2.58, verbose = FALSE, glmWarnings = FALSE
)
began <- Sys.time()
found <- farringtonFlexible(series, control = control)
seconds <- as.numeric(difftime(Sys.time(), began, units = "secs"))
write.table(found@upperbound, given[2], sep = ",", row.names = FALSE, col.names = FALSE)
cat(sprintf("%.3f %s\n", seconds, as.character(packageVersion("surveillance"))))

// Run by Rhino, which the veraPDF jar carries, so that a Java runtime is all that is needed.
var flavour = Packages.org.verapdf.pdfa.flavours.PDFAFlavour.PDFUA_1;
var Provider = Packages.org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
Provider.initialise();
var foundry = Packages.org.verapdf.pdfa.Foundries.defaultInstance();
var verdicts = [];
for (var i = 0; i < arguments.length; i++) {
  var parser = foundry.createParser(new java.io.File(arguments[i]), flavour);
  var validator = foundry.createValidator(flavour, 50, false, true, false);
  var result = validator.validate(parser);
  var failures = [];
  var assertions = result.getTestAssertions().iterator();
  while (assertions.hasNext()) {
    var each = assertions.next();
    if (String(each.getStatus()) !== "PASSED") {
      failures.push(String(each.getRuleId().getClause()) + " " + String(each.getMessage()));
    }
  }
  verdicts.push({ compliant: Boolean(result.isCompliant()), checks: Number(result.getTotalAssertions()), failures: failures });
  parser.close();
}
print(JSON.stringify(verdicts));

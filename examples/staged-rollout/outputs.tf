output "waves" {
  description = "Result of each wave."
  value = {
    canary = module.canary.result
    early  = module.early.result
    rest   = module.rest.result
  }
}

terraform {
  required_version = ">= 1.8"

  required_providers {
    aep = {
      source = "ctwing/aep"
    }
  }
}

# Credentials come from the environment: AEP_APP_KEY, AEP_APP_SECRET, and
# AEP_MASTER_KEY or AEP_MASTER_KEYS.
provider "aep" {
  endpoint = "https://ag-api.ctwing.cn"
  operator = "terraform"
}

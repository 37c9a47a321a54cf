console.log("stub build")
